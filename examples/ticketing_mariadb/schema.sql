-- A ticketing system in the style of the open-source ones on MySQL: times in UTC without a zone, zero dates, small numbers for codes.
SET SESSION sql_mode = '';
CREATE TABLE hd_department (id int PRIMARY KEY, name varchar(128), flags int);
CREATE TABLE hd_staff (staff_id int PRIMARY KEY, dept_id int, firstname varchar(32), lastname varchar(32), isactive tinyint(1));
CREATE TABLE hd_contractor (id int PRIMARY KEY, name varchar(64));
CREATE TABLE hd_topic (topic_id int PRIMARY KEY, topic varchar(64));
CREATE TABLE hd_ticket (
    ticket_id int PRIMARY KEY, number varchar(20), user_id int, dept_id int, topic_id int, source enum('Web', 'Email', 'Phone', 'API'),
    priority tinyint, created datetime NOT NULL, closed datetime NOT NULL DEFAULT '0000-00-00 00:00:00', warranty bit(1)
);
CREATE TABLE hd_thread_event (id int PRIMARY KEY, ticket_id int, state varchar(20), staff_id int, note varchar(200), timestamp datetime(6));

INSERT INTO hd_department VALUES (1, 'Dispatch', 1), (2, 'Pipe Station North', 2), (3, 'Service Centre', 4);
INSERT INTO hd_staff VALUES (1, 1, 'Agent', 'One', 1), (2, 2, 'Agent', 'Two', 1);
INSERT INTO hd_contractor VALUES (1, 'Welder A');
INSERT INTO hd_topic VALUES (1, 'No heat'), (2, 'Routine repair'), (3, 'Burst pipe');
INSERT INTO hd_ticket VALUES
    (1, 'H-1001', 77, 2, 2, 'Phone', 2, '2026-11-20 01:00:00', '2026-11-20 06:00:00', b'0'),
    (2, 'H-1002', 78, 2, 2, 'Web', 2, '2026-11-20 01:00:00', '0000-00-00 00:00:00', b'0'),
    (3, 'H-1003', 79, 2, 3, 'Phone', 1, '2026-11-21 16:30:00', '2026-11-22 06:00:00', b'0');
INSERT INTO hd_thread_event VALUES
    (1, 1, 'assigned', 1, NULL, '2026-11-20 01:05:00.250000'), (2, 1, 'accepted', 2, NULL, '2026-11-20 01:25:00'),
    (3, 1, 'onsite', 2, NULL, '2026-11-20 01:50:00'), (4, 1, 'resolved', 2, NULL, '2026-11-20 04:00:00'), (5, 1, 'replied', 3, NULL, '2026-11-20 05:00:00'),
    (6, 2, 'assigned', 1, NULL, '2026-11-20 01:05:00'), (7, 2, 'accepted', 2, NULL, '2026-11-20 01:50:00'), (8, 2, 'onsite', 2, NULL, '2026-11-20 02:30:00'),
    (9, 3, 'assigned', 1, NULL, '2026-11-21 16:35:00'), (10, 3, 'accepted', 2, NULL, '2026-11-21 16:40:00'), (11, 3, 'onsite', 2, NULL, '2026-11-21 17:10:00'),
    (12, 3, 'resolved', 2, NULL, '2026-11-22 05:00:00'), (13, 3, 'replied', 3, NULL, '2026-11-22 05:30:00'),
    (14, 2, 'overdue', 1, 'spare part ordered', '2026-11-20 22:00:00');
