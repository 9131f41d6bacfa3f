-- A help desk in the style of the open-source ones: groups, users, tickets, articles, and a history of every change.
CREATE TABLE groups (id integer PRIMARY KEY, name varchar(160), role varchar(40), active boolean, created_at timestamptz);
CREATE TABLE users (id integer PRIMARY KEY, login varchar(60), firstname varchar(60), lastname varchar(60), group_id integer, agent boolean);
CREATE TABLE ticket_priorities (id integer PRIMARY KEY, name varchar(40));
CREATE TABLE tickets (
    id integer PRIMARY KEY, number char(12), type varchar(40), group_id integer, owner_id integer, customer_id integer,
    priority_id integer, solution text, tags text[], created_at timestamptz, close_at timestamptz
);
CREATE TABLE ticket_articles (id integer PRIMARY KEY, ticket_id integer, sender varchar(20), internal boolean, body text, created_at timestamptz);
CREATE TABLE histories (
    id integer PRIMARY KEY, ticket_id integer, history_type varchar(40), attribute varchar(40), value_to varchar(60),
    created_by_id integer, created_at timestamptz
);

INSERT INTO groups VALUES (1, 'Customer Centre', 'first level', true, '2020-01-01 00:00:00+08'), (2, 'Supply Station East', 'field', true, '2020-01-01 00:00:00+08'),
    (3, 'Marketing', 'marketing', true, '2020-01-01 00:00:00+08');
INSERT INTO users VALUES (1, 'agent.one', 'Agent', 'One', 1, true), (2, 'agent.two', 'Agent', 'Two', 2, true), (9, 'caller', 'A', 'Caller', NULL, false);
INSERT INTO ticket_priorities VALUES (1, '1 low'), (2, '2 normal'), (3, '3 high');
INSERT INTO tickets VALUES
    (1, '20260001', 'Complaint', 2, 2, 9, 3, 'Visited, bill corrected', '{billing,visit}', '2026-09-01 09:00:00+08', '2026-09-04 09:00:00+08'),
    (2, '20260002', 'Complaint', 2, 2, 9, 2, NULL, NULL, '2026-08-03 09:00:00+08', NULL),
    (3, '20260003', 'Question', 2, 2, 9, 2, 'Tariff explained', NULL, '2026-09-07 09:00:00+08', '2026-09-15 09:00:00+08'),
    (4, '20260004', 'Question', 2, 2, 9, 1, 'Form sent', NULL, '2026-09-07 09:00:00+08', '2026-09-09 09:00:00+08'),
    (5, '20260005', 'Question', 2, 2, 9, 1, '', NULL, '2026-09-08 09:00:00+08', '2026-09-09 12:00:00+08'),
    (6, '20260006', 'Spam', 1, 1, 9, 1, NULL, NULL, '2026-09-08 09:00:00+08', '2026-09-08 09:00:10+08');
INSERT INTO ticket_articles VALUES
    (1, 1, 'Customer', false, 'My bill is wrong', '2026-09-01 09:00:00+08'), (2, 1, 'Agent', false, 'It is corrected', '2026-09-03 15:00:00+08'),
    (3, 2, 'Customer', false, 'Nobody came', '2026-08-03 09:00:00+08'), (4, 2, 'Agent', true, 'Ask the station', '2026-08-04 09:00:00+08'),
    (5, 3, 'Agent', false, 'The tariff is as follows', '2026-09-14 10:00:00+08'), (6, 4, 'Agent', false, 'The form is attached', '2026-09-08 10:00:00+08'),
    (7, 5, 'Agent', false, 'Thank you', '2026-09-09 10:00:00+08');
INSERT INTO histories VALUES
    (1, 1, 'updated', 'group', 'Supply Station East', 1, '2026-09-01 09:05:00+08'), (2, 1, 'updated', 'state', 'solved', 2, '2026-09-03 14:00:00+08'),
    (3, 2, 'updated', 'group', 'Supply Station East', 1, '2026-08-03 09:05:00+08'), (4, 3, 'updated', 'group', 'Supply Station East', 1, '2026-09-07 10:00:00+08'),
    (5, 3, 'updated', 'state', 'solved', 2, '2026-09-14 09:00:00+08'), (6, 4, 'updated', 'group', 'Supply Station East', 1, '2026-09-07 10:00:00+08'),
    (7, 4, 'updated', 'state', 'solved', 2, '2026-09-08 09:30:00+08'), (8, 5, 'updated', 'group', 'Supply Station East', 1, '2026-09-08 10:00:00+08'),
    (9, 5, 'updated', 'state', 'solved', 2, '2026-09-09 09:30:00+08'), (10, 2, 'reminder sent', NULL, NULL, 1, '2026-08-13 09:00:00+08');
