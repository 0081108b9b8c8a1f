BEGIN TRANSACTION;
CREATE TABLE accounts (
	connection_id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	name TEXT, 
	domain TEXT, 
	owner TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	created_at BIGINT, 
	facts TEXT, 
	CONSTRAINT pk_accounts PRIMARY KEY (connection_id, account), 
	CONSTRAINT fk_accounts_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "accounts" VALUES(1,'Account:a','Firm a','a.example','anna',0,NULL,NULL);
INSERT INTO "accounts" VALUES(1,'Account:b',NULL,'b.example','anna',0,NULL,NULL);
INSERT INTO "accounts" VALUES(2,'Account:a','Firm a','a.example','anna',0,1795253400000000,'{"region":"North"}');
INSERT INTO "accounts" VALUES(2,'Account:b','Firm b','b.example','anna',0,NULL,NULL);
CREATE TABLE activities (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	activity TEXT NOT NULL, 
	kind TEXT, 
	day INTEGER, 
	at BIGINT, 
	direction TEXT, 
	outcome TEXT, 
	"by" TEXT, 
	subject TEXT, 
	about TEXT, 
	CONSTRAINT uq_activities_connection_id_lead_activity UNIQUE (connection_id, lead, activity), 
	CONSTRAINT fk_activities_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "activities" VALUES(1,1,'1','Task:a','call',20778,1795253400000000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(2,2,'1','Task:a','call',20778,1795253400000000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(3,2,'3','Task:b','call',20778,1795253400000000,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO "alembic_version" VALUES('0020');
CREATE TABLE alert_channels (
	channel TEXT NOT NULL, 
	taken_until BIGINT, 
	failures INTEGER NOT NULL, 
	failing_since BIGINT, 
	next_try_at BIGINT, 
	trouble TEXT, 
	CONSTRAINT pk_alert_channels PRIMARY KEY (channel)
);
INSERT INTO "alert_channels" VALUES('mail',NULL,1,1795253400000000,1795253460000000,'the connection was refused');
CREATE TABLE alerts (
	connection_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	over_at BIGINT, 
	CONSTRAINT pk_alerts PRIMARY KEY (connection_id, kind), 
	CONSTRAINT fk_alerts_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "alerts" VALUES(1,'run_failed',1795253400000000,1,'crmsync status',NULL);
INSERT INTO "alerts" VALUES(2,'lag',1795253400000000,90,'crmsync status',1795253400000000);
CREATE TABLE alerts_told (
	connection_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	told_at BIGINT NOT NULL, 
	CONSTRAINT pk_alerts_told PRIMARY KEY (connection_id, kind, channel), 
	CONSTRAINT fk_alerts_told_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "alerts_told" VALUES(2,'lag','ops',1795253400000000);
INSERT INTO "alerts_told" VALUES(1,'run_failed','ops',1795253400000000);
CREATE TABLE connections (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	snapshot TEXT, 
	CONSTRAINT pk_connections PRIMARY KEY (id), 
	CONSTRAINT uq_connections_name UNIQUE (name)
);
INSERT INTO "connections" VALUES(1,'salesforce',NULL);
INSERT INTO "connections" VALUES(2,'hubspot','{}');
CREATE TABLE console_log (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at BIGINT NOT NULL, 
	person TEXT, 
	what TEXT NOT NULL, 
	connection TEXT, 
	reason TEXT NOT NULL, 
	about JSON NOT NULL
);
INSERT INTO "console_log" VALUES(1,1795253400000000,'ada','plan_made','hubspot','','{"leads": 1}');
CREATE TABLE console_sessions (
	"key" TEXT NOT NULL, 
	person TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	CONSTRAINT pk_console_sessions PRIMARY KEY ("key")
);
INSERT INTO "console_sessions" VALUES('2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b','ada','stamp',1795253400000000,1795253400000000,1795296600000000);
CREATE TABLE console_tries (
	"key" TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT pk_console_tries PRIMARY KEY ("key")
);
INSERT INTO "console_tries" VALUES('fc1f779fb4d5d723ab10dfcf9d4364bc484473bc1b06d9b34f39a960bc65a407',1,1795253400000000);
CREATE TABLE counters (
	connection_id INTEGER NOT NULL, 
	pool TEXT NOT NULL, 
	person TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	state JSON NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (connection_id, pool, person), 
	CONSTRAINT fk_counters_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "counters" VALUES(1,'aes','anna',1,'{}');
INSERT INTO "counters" VALUES(2,'aes','anna',2,'{}');
CREATE TABLE credits (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	pool TEXT, 
	settled BOOLEAN NOT NULL, 
	CONSTRAINT fk_credits_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE cursors (
	connection_id INTEGER NOT NULL, 
	object TEXT NOT NULL, 
	cursor TEXT NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (connection_id, object), 
	CONSTRAINT fk_cursors_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "cursors" VALUES(1,'Lead','1');
INSERT INTO "cursors" VALUES(2,'Lead','1');
CREATE TABLE decisions (
	lead_key INTEGER NOT NULL, 
	policy_id INTEGER NOT NULL, 
	as_of INTEGER NOT NULL, 
	stage TEXT, 
	earned_stage TEXT, 
	review_on INTEGER, 
	details TEXT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (lead_key), 
	CONSTRAINT fk_decisions_lead_key FOREIGN KEY(lead_key) REFERENCES leads ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_decisions_policy_id FOREIGN KEY(policy_id) REFERENCES policies (id)
);
INSERT INTO "decisions" VALUES(1,1,20778,'mql','mql',NULL,'{"score.fit.low":12000,"verdict.budget":null}');
INSERT INTO "decisions" VALUES(2,1,20778,'mql','mql',NULL,'{"score.fit.low":12000,"verdict.budget":null}');
INSERT INTO "decisions" VALUES(3,1,20778,'mql','mql',NULL,'{"score.fit.low":12000,"verdict.budget":null}');
INSERT INTO "decisions" VALUES(6,1,20778,'mql','mql',20779,'{"score.fit.low":12000,"verdict.budget":null}');
CREATE TABLE digests (
	connection_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_digests PRIMARY KEY (connection_id, name), 
	CONSTRAINT fk_digests_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "digests" VALUES(2,'earlier_stages','{"fields": ["Status"], "key": 6}');
INSERT INTO "digests" VALUES(2,'policy','p');
INSERT INTO "digests" VALUES(2,'roster','r');
CREATE TABLE earlier_stages (
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	since_at BIGINT, 
	stage_native TEXT NOT NULL, 
	CONSTRAINT pk_earlier_stages PRIMARY KEY (connection_id, lead, place), 
	CONSTRAINT fk_earlier_stages_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "earlier_stages" VALUES(2,'3',0,NULL,'{"Status":"lead"}');
INSERT INTO "earlier_stages" VALUES(2,'3',1,1795253400000000,'{"Status":"mql"}');
CREATE TABLE hand_offs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	bdr TEXT, 
	receiver TEXT NOT NULL, 
	pool TEXT, 
	handed_at BIGINT NOT NULL, 
	touched_at BIGINT, 
	accepted_at BIGINT, 
	reminded_at BIGINT, 
	returned_at BIGINT, 
	reason TEXT, 
	ended_at BIGINT, 
	ended_by TEXT, 
	hand_over TEXT, 
	queued_at BIGINT, 
	queue TEXT, 
	created_at BIGINT, 
	staged_on INTEGER, 
	CONSTRAINT fk_hand_offs_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "hand_offs" VALUES(1,1,'1',1,'bob','anna','aes',1795253400000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795253400000000,20778);
CREATE TABLE holds (
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	until INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	"by" TEXT, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT pk_holds PRIMARY KEY (connection_id, lead), 
	CONSTRAINT fk_holds_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE identity (
	id TEXT NOT NULL, 
	CONSTRAINT pk_identity PRIMARY KEY (id)
);
INSERT INTO "identity" VALUES('36ee1916f4a04ee88c83da1deb56147b');
CREATE TABLE journal (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	stage_before TEXT, 
	stage_after TEXT, 
	owner_before TEXT, 
	owner_after TEXT, 
	writes JSON NOT NULL, 
	beside JSON NOT NULL, 
	scores JSON NOT NULL, 
	reasons JSON NOT NULL, 
	turn TEXT, 
	turn_held BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	message TEXT NOT NULL, 
	intended_at BIGINT NOT NULL, 
	settled_at BIGINT, 
	routing JSON, 
	hand_off JSON, 
	creates JSON, 
	made JSON, 
	fields JSON, 
	records JSON, 
	CONSTRAINT fk_journal_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id), 
	CONSTRAINT fk_journal_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "journal" VALUES(1,1,1,'1','mql','sql',NULL,'anna','{"Status": ["mql", "sql"], "OwnerId": [null, "anna"]}','{"Stage__c": null}','{"fit": [12000, 15000]}','["because"]','aes',1,'written','',1795253400000000,1795253400000000,'{"reason": "their turn", "pool": "aes", "counter_before": 0, "counter_after": 1, "passed_over": [["ben", "away"]], "shared": null, "between": null, "hand_over": null}','{"move": "handed", "attempt": 1, "bdr": "bob", "reason": null, "answer": null, "hand_over": null}','[{"object": "Task", "values": {"Subject": "Call (hand-off 1)"}, "known_by": ["Subject"]}]','["Task:9"]',NULL,NULL);
INSERT INTO "journal" VALUES(2,2,3,'1','mql','sql',NULL,'anna','{"Status": ["mql", "sql"], "OwnerId": [null, "anna"]}','{"Stage__c": null}','{"fit": [12000, 15000]}','["because"]','aes',1,'intended','',1795253400000000,NULL,'{"reason": "their turn", "pool": "aes", "counter_before": 0, "counter_after": 1, "passed_over": [["ben", "away"]], "shared": null, "between": null, "hand_over": null}','{"move": "handed", "attempt": 1, "bdr": "bob", "reason": null, "answer": null, "hand_over": null}','[{"object": "Task", "values": {"Subject": "Call (hand-off 1)"}, "known_by": ["Subject"]}]',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(3,2,3,'2','mql','sql',NULL,'anna','{"Status": ["mql", "sql"], "OwnerId": [null, "anna"]}','{"Stage__c": null}','{"fit": [12000, 15000]}','["because"]','aes',0,'refused','no',1795253400000000,1795253400000000,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "journal" VALUES(4,2,3,'3','mql','sql',NULL,'anna','{"Status": ["mql", "sql"], "OwnerId": [null, "anna"]}','{"Stage__c": null}','{"fit": [12000, 15000]}','["because"]','aes',1,'superseded','',1795253400000000,1795253400000000,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "journal" VALUES(5,2,4,'3','mql','sql',NULL,'ben','{"Status": ["mql", "sql"], "OwnerId": [null, "ben"]}','{"Stage__c": null}','{"fit": [12000, 15000]}','["because"]','aes',1,'intended','',1795253400000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE lead_search (
	lead_key INTEGER NOT NULL, 
	connection_id INTEGER NOT NULL, 
	called TEXT NOT NULL, 
	CONSTRAINT pk_lead_search PRIMARY KEY (lead_key), 
	CONSTRAINT fk_lead_search_lead_key FOREIGN KEY(lead_key) REFERENCES leads ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_lead_search_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "lead_search" VALUES(1,1,'person 1
example
1@example.com');
INSERT INTO "lead_search" VALUES(2,1,'person 2
example
2@example.com');
INSERT INTO "lead_search" VALUES(3,1,'person 3
example
3@example.com');
INSERT INTO "lead_search" VALUES(4,2,'person 1
example
1@example.com');
INSERT INTO "lead_search" VALUES(5,2,'person 2
example
2@example.com');
INSERT INTO "lead_search" VALUES(6,2,'person 3
example
3@example.com');
CREATE TABLE lead_search_blocks (
	connection_id INTEGER NOT NULL, 
	block BIGINT NOT NULL, 
	texts TEXT NOT NULL, 
	CONSTRAINT pk_lead_search_blocks PRIMARY KEY (connection_id, block), 
	CONSTRAINT fk_lead_search_blocks_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "lead_search_blocks" VALUES(1,0,'person 1
example
1@example.com
person 2
example
2@example.com
person 3
example
3@example.com');
INSERT INTO "lead_search_blocks" VALUES(2,0,'person 1
example
1@example.com
person 2
example
2@example.com
person 3
example
3@example.com');
CREATE TABLE leads (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	email TEXT, 
	name TEXT, 
	company TEXT, 
	created_at BIGINT, 
	owner TEXT, 
	stage TEXT, 
	managed BOOLEAN NOT NULL, 
	stage_native TEXT, 
	hand_off_native TEXT, 
	facts TEXT NOT NULL, 
	stage_since INTEGER, 
	stage_edited_on INTEGER, 
	owner_edited_on INTEGER, 
	our_stage TEXT, 
	our_owner TEXT, 
	due_on INTEGER, 
	written_native TEXT, 
	written_on INTEGER, 
	pinned BOOLEAN, 
	undone_on INTEGER, 
	stage_before_clearing TEXT, 
	CONSTRAINT uq_leads_connection_id_lead UNIQUE (connection_id, lead), 
	CONSTRAINT fk_leads_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "leads" VALUES(1,1,'1','1@example.com','Person 1','Example',1795253400000000,'anna','sql',1,'{"Status":"sql"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":null}',20778,NULL,NULL,'sql','anna',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES(2,1,'2','2@example.com','Person 2','Example',1795253400000000,NULL,'mql',1,'{"Status":"mql"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":null}',20778,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES(3,1,'3','3@example.com','Person 3','Example',1795253400000000,NULL,'mql',1,'{"Status":"mql"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":null}',20778,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES(4,2,'1','1@example.com','Person 1','Example',1795253400000000,NULL,'mql',1,'{"Status":"mql"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":null}',20778,NULL,NULL,'sql','anna',0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES(5,2,'2','2@example.com','Person 2','Example',1795253400000000,NULL,'mql',1,'{"Status":"mql"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":null}',20778,NULL,NULL,'sql','anna',0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES(6,2,'3','3@example.com','Person 3','Example',1795253400000000,NULL,'sal',1,'{"Status":"sal"}',NULL,'{"budget":null,"employees":null,"opted_out":null,"renewal":null,"revenue":null,"score":null,"seen_at":null,"title":"Chef d''équipe"}',20779,20779,NULL,'sql','ben',0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE left_leads (
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	left_on INTEGER NOT NULL, 
	owner TEXT, 
	stage TEXT, 
	managed BOOLEAN NOT NULL, 
	stage_native TEXT, 
	stage_since INTEGER, 
	stage_edited_on INTEGER, 
	owner_edited_on INTEGER, 
	our_stage TEXT, 
	our_owner TEXT, 
	stage_before_clearing TEXT, 
	written_on INTEGER, 
	undone_on INTEGER, 
	CONSTRAINT pk_left_leads PRIMARY KEY (connection_id, lead), 
	CONSTRAINT fk_left_leads_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE made_records (
	connection_id INTEGER NOT NULL, 
	activity TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	hand_over TEXT, 
	CONSTRAINT pk_made_records PRIMARY KEY (connection_id, activity), 
	CONSTRAINT fk_made_records_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "made_records" VALUES(1,'Task:9','1',1,1795253400000000,NULL);
CREATE TABLE overruled (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	part TEXT NOT NULL, 
	ours TEXT, 
	theirs TEXT, 
	day INTEGER NOT NULL, 
	actor JSON, 
	released_at BIGINT, 
	CONSTRAINT fk_overruled_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE plan_changes (
	connection_id INTEGER NOT NULL, 
	plan_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	move TEXT NOT NULL, 
	owner TEXT, 
	owner_moves BOOLEAN NOT NULL, 
	points INTEGER NOT NULL, 
	outcome TEXT, 
	change TEXT NOT NULL, 
	called TEXT DEFAULT '􏿿' NOT NULL, 
	CONSTRAINT pk_plan_changes PRIMARY KEY (connection_id, plan_id, lead), 
	CONSTRAINT fk_plan_changes_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "plan_changes" VALUES(2,1,'3','lead → mql','ben',1,7,NULL,'eAGrVspJTUxRslIyVqoFABifA4Q=','person 3
example
3@example.com');
CREATE TABLE plans (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	undo_of INTEGER, 
	digest TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	made_by TEXT, 
	leads INTEGER NOT NULL, 
	told JSON NOT NULL, 
	state TEXT NOT NULL, 
	carried_out_by INTEGER, 
	moves TEXT, 
	CONSTRAINT fk_plans_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "plans" VALUES(1,2,'run',1,NULL,'digest',1795253400000000,'ada',1,'{"notes": []}','waiting',NULL,'[["lead \u2192 mql", 1, 1]]');
CREATE TABLE policies (
	id INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (id), 
	CONSTRAINT uq_policies_digest UNIQUE (digest)
);
INSERT INTO "policies" VALUES(1,'policy');
CREATE TABLE runs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	exit_code INTEGER, 
	counts JSON NOT NULL, 
	kind TEXT DEFAULT 'run' NOT NULL, 
	"by" TEXT, 
	"plan" TEXT, 
	undo_of INTEGER, 
	plan_of INTEGER, 
	breaches JSON, 
	measures JSON, 
	ends TEXT, 
	undone TEXT, 
	CONSTRAINT fk_runs_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "runs" VALUES(1,1,0,1795253400000000,NULL,NULL,'{}','run',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(2,2,0,1795253400000000,NULL,NULL,'{}','run',NULL,NULL,NULL,NULL,NULL,NULL,'{}',NULL);
INSERT INTO "runs" VALUES(3,2,0,1795253400000000,NULL,NULL,'{}','run',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(4,2,0,1795253400000000,1795253400000000,4,'{"read": 3}','run',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE set_aside (
	connection_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_set_aside PRIMARY KEY (connection_id, run_id, place), 
	CONSTRAINT fk_set_aside_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "set_aside" VALUES(2,4,0,'2','OwnerId was empty');
CREATE TABLE stage_history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	stage_before TEXT, 
	stage_after TEXT, 
	since INTEGER, 
	day INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	run_id INTEGER, 
	CONSTRAINT fk_stage_history_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id), 
	CONSTRAINT fk_stage_history_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "stage_history" VALUES(1,1,'1',1,'mql','sql',20778,20778,'crmsync',1);
INSERT INTO "stage_history" VALUES(2,2,'3',1,'mql','sal',20778,20779,'crm',NULL);
CREATE TABLE subscriptions (
	connection_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	position TEXT, 
	heard_at BIGINT NOT NULL, 
	CONSTRAINT pk_subscriptions PRIMARY KEY (connection_id, channel), 
	CONSTRAINT fk_subscriptions_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "subscriptions" VALUES(1,'00D000000000001 /data/ChangeEvents','0a1b',1795253400000000);
CREATE TABLE telling_counts (
	connection_id INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	CONSTRAINT pk_telling_counts PRIMARY KEY (connection_id, what), 
	CONSTRAINT fk_telling_counts_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "telling_counts" VALUES(2,'wrong_signature',2,1795253400000000);
INSERT INTO "telling_counts" VALUES(2,'taken',2,1795253400000000);
CREATE TABLE tellings (
	connection_id INTEGER NOT NULL, 
	object TEXT NOT NULL, 
	record TEXT NOT NULL, 
	activities TEXT NOT NULL, 
	times INTEGER NOT NULL, 
	happened_at BIGINT, 
	came_at BIGINT NOT NULL, 
	CONSTRAINT pk_tellings PRIMARY KEY (connection_id, object, record), 
	CONSTRAINT fk_tellings_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "tellings" VALUES(2,'contacts','3','calls',1,1795253400000000,1795253400000000);
INSERT INTO "tellings" VALUES(2,'tasks','58000000001','',1,NULL,1795253400000000);
CREATE TABLE unanswered (
	connection_id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_unanswered PRIMARY KEY (connection_id, lead), 
	CONSTRAINT fk_unanswered_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "unanswered" VALUES(2,'3',1767225600000000);
CREATE TABLE unread (
	connection_id INTEGER NOT NULL, 
	record TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	part TEXT NOT NULL, 
	name TEXT NOT NULL, 
	field TEXT NOT NULL, 
	value TEXT NOT NULL, 
	pull BIGINT NOT NULL, 
	CONSTRAINT pk_unread PRIMARY KEY (connection_id, record, lead, part, field), 
	CONSTRAINT fk_unread_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "unread" VALUES(2,'3','3','fact','size','Size__c','1.000',1);
CREATE INDEX ix_console_sessions_person ON console_sessions (person);
CREATE INDEX ix_runs_connection_id_id ON runs (connection_id, id);
CREATE INDEX ix_set_aside_connection_id_lead ON set_aside (connection_id, lead);
CREATE INDEX ix_plans_connection_id ON plans (connection_id);
CREATE INDEX ix_plan_changes_called ON plan_changes (connection_id, plan_id, called, lead, outcome, move, owner, owner_moves, points);
CREATE INDEX ix_plan_changes_listed ON plan_changes (connection_id, plan_id, move, lead, outcome, points, owner, owner_moves, called);
CREATE INDEX ix_leads_pinned ON leads (connection_id, pinned, lead) WHERE pinned IS 1;
CREATE INDEX ix_leads_connection_id_stage_managed ON leads (connection_id, stage, managed);
CREATE INDEX ix_leads_undone ON leads (connection_id, lead, undone_on, pinned) WHERE undone_on IS NOT NULL;
CREATE INDEX ix_leads_connection_id_due_on_lead ON leads (connection_id, due_on, lead);
CREATE INDEX ix_leads_connection_id_owner_stage_managed ON leads (connection_id, owner, stage, managed);
CREATE INDEX ix_leads_unmanaged ON leads (connection_id, stage_native, lead) WHERE managed IS 0;
CREATE INDEX ix_activities_connection_id_activity ON activities (connection_id, activity);
CREATE INDEX ix_unread_connection_id_lead ON unread (connection_id, lead);
CREATE INDEX ix_tellings_connection_id_came_at ON tellings (connection_id, came_at);
CREATE INDEX ix_hand_offs_connection_id_lead ON hand_offs (connection_id, lead);
CREATE INDEX ix_hand_offs_connection_id_ended_at_lead ON hand_offs (connection_id, ended_at, lead);
CREATE INDEX ix_made_records_connection_id_lead ON made_records (connection_id, lead);
CREATE INDEX ix_credits_connection_id_settled ON credits (connection_id, settled);
CREATE INDEX ix_overruled_connection_id_lead ON overruled (connection_id, lead);
CREATE INDEX ix_journal_connection_id_state_lead ON journal (connection_id, state, lead);
CREATE INDEX ix_journal_connection_id_lead ON journal (connection_id, lead);
CREATE INDEX ix_journal_run_id_lead_id_state ON journal (run_id, lead, id, state);
CREATE INDEX ix_lead_search_connection_id_called_lead_key ON lead_search (connection_id, called, lead_key);
CREATE INDEX ix_stage_history_connection_id_lead ON stage_history (connection_id, lead);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('leads',6);
INSERT INTO "sqlite_sequence" VALUES('activities',3);
INSERT INTO "sqlite_sequence" VALUES('runs',4);
INSERT INTO "sqlite_sequence" VALUES('journal',5);
INSERT INTO "sqlite_sequence" VALUES('stage_history',2);
INSERT INTO "sqlite_sequence" VALUES('hand_offs',1);
INSERT INTO "sqlite_sequence" VALUES('console_log',1);
INSERT INTO "sqlite_sequence" VALUES('plans',1);
COMMIT;
