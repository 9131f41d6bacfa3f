"""Days and working days: local time of a zone, and the calendar of working days with its make-up weekends."""
