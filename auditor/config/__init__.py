"""What a site says of itself: sources, mappings, zone, key, and what is handed on to other stages."""

from auditor.config.models import ColumnConfig, Epoch, FeedConfig, JoinConfig, MilestoneConfig, MilestonesConfig, SourceConfig, TimeReading
from auditor.config.secrets import has_literal_secret
from auditor.config.site import Feed, RulesetSite, SiteConfig, check_mapping, load_site

__all__ = [
    "ColumnConfig",
    "Epoch",
    "Feed",
    "FeedConfig",
    "JoinConfig",
    "MilestoneConfig",
    "MilestonesConfig",
    "RulesetSite",
    "SiteConfig",
    "SourceConfig",
    "TimeReading",
    "check_mapping",
    "has_literal_secret",
    "load_site",
]
