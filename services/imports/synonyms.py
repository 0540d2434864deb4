"""What other tools and people call our columns, and the words in them: the suggestions for a file with its own headers.

Keys are headers as `loose` writes them: lower case, one space between words.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.parsing.cells import loose

_COLUMNS: dict[str, dict[str, str]] = {
    "systems": {
        "name": "application name, application, app name, app, system name, system, component, service name, "
        "ci name, asset name, product name, anwendung, anwendungsname, systemname",
        "kind": "type, application type, app type, system type, category, asset type, typ",
        "owner": "business owner, application owner, app owner, system owner, service owner, product owner, "
        "responsible, responsible person, contact, owned by, team, verantwortlich, eigentümer",
        "criticality": "business criticality, tier, application tier, service tier, priority, importance, "
        "criticality level, kritikalität",
        "technology": "tech stack, stack, technology stack, tech, platform, technologies, technologie",
        "lifecycle": "lifecycle status, life cycle, life cycle status, lifecycle stage, status, phase, state",
        "standalone": "stand alone, isolated",
        "reviewed_on": "last reviewed, last review, reviewed, review date, last reviewed on, last confirmed, "
        "last updated, last attestation, letzte prüfung",
        "note": "notes, comment, comments, remark, remarks, description, bemerkung, rto, rpo, sla",
    },
    "dependencies": {
        "from": "source, source system, source application, from system, from application, consumer, upstream, caller, "
        "client, von",
        "to": "target, target system, target application, to system, to application, provider, downstream, callee, "
        "depends on, uses, nach",
        "kind": "type, interface type, integration type, connection, connection type, dependency type, typ",
        "note": "notes, comment, comments, remark, remarks, description",
    },
    "pain_points": {
        "system": "application, app, application name, system name",
        "title": "pain point, issue, problem, what hurts, summary, headline",
        "severity": "impact, pain, score, priority",
        "frequency": "how often, often",
        "note": "notes, comment, comments, remark, remarks, description, details",
    },
    "interviews": {
        "date": "interview date, held on, day, when, interviewed on, datum",
        "interviewee": "name, person, participant, user, interviewed, respondent, who",
        "role": "job title, position, function, title",
        "team": "department, unit, business unit, group",
        "end_user": "end user, is end user, daily user",
        "interviewer": "interviewed by, asked by, conducted by, moderator",
        "summary": "notes, note, findings, comment, comments, key points, what was learned",
    },
    "frictions": {
        "date": "interview date, held on, day, interviewed on",
        "interviewee": "name, person, participant, user, respondent, who",
        "theme": "topic, category, group, tag",
        "observed": "observation, friction, what was observed, finding, description, quote, pain",
        "severity": "impact, score, how bad",
        "frequency": "how often, often",
        "system": "application, app, tool, application name",
        "workflow": "process, journey",
    },
    "workflows": {
        "name": "workflow, workflow name, process, process name",
        "state": "status, stage",
        "live_on": "go live, go live date, live since, live date, released on",
        "fallback": "manual fallback, workaround, plan b",
        "rehearsed_on": "last rehearsed, rehearsal, fallback tested on",
        "systems": "applications, system, used systems",
        "metric": "kpi, measure",
    },
    "metrics": {
        "slug": "key, id, short name, code, metric id",
        "name": "metric, metric name, kpi, kpi name, title, measure",
        "unit": "unit of measure, uom, units",
        "direction": "better, better is, goal direction, polarity",
        "cadence_days": "cadence, every days, interval days",
        "owner": "metric owner, responsible, kpi owner",
        "source": "data source, source system",
        "baseline": "baseline value, as is, start value, current",
        "target": "target value, goal, to be",
        "counted": "definition, what is counted, description",
    },
    "measurements": {
        "metric": "metric name, kpi, kpi name, measure, name",
        "at": "date, day, week, week of, week starting, week beginning, week commencing, month, period, time, "
        "timestamp, measured on, datum, woche, kw, calendar week",
        "value": "actual, result, measurement, reading, wert",
        "n": "count, observations, sample size, number of observations",
        "note": "notes, comment, comments, remark, remarks",
    },
}  # fmt: skip
SYNONYMS: Mapping[str, Mapping[str, str]] = {
    kind: {loose(text): column for column, texts in columns.items() for text in texts.split(", ")}
    for kind, columns in _COLUMNS.items()
}
"""By the name of a kind: header -> column."""

_FREQUENCY = {
    "daily": "every day, each day, several times a day, hourly, always, constantly, per day",
    "weekly": "every week, each week, several times a week, often, per week",
    "monthly": "every month, each month, month end, sometimes, per month",
    "rarely": "seldom, quarterly, yearly, annually, now and then, once, never",
}
_SEVERITY = {
    "5": "critical, blocker, severe, very high, showstopper, 5 critical",
    "4": "high, major, 4 high",
    "3": "medium, moderate, 3 medium",
    "2": "low, minor, 2 low",
    "1": "very low, trivial, nuisance, cosmetic, 1 very low",
}
_WORDS: dict[str, dict[str, str]] = {
    "criticality": {
        "critical": "tier 1, tier 0, tier1, t1, mission critical, very high, 1, p1, platinum, business critical",
        "high": "tier 2, tier2, t2, 2, p2, gold, important, major",
        "medium": "tier 3, tier3, t3, 3, p3, silver, moderate, normal, standard",
        "low": "tier 4, tier 5, tier4, t4, 4, 5, p4, bronze, minor, non critical",
    },
    "lifecycle": {
        "active": "production, in production, live, prod, current, operational, invest, maintain, in use, in service",
        "legacy": "end of life, eol, outdated, obsolete, tolerate, old, maintenance only",
        "retiring": "sunset, sunsetting, decommissioning, to be retired, phase out, phasing out, migrate, eliminate, "
        "to be decommissioned, deprecated",
    },
    "frequency": _FREQUENCY,
    "severity": _SEVERITY,
    "kind": {
        "call": "api, rest, rest api, http, https, soap, rpc, grpc, sync, synchronous, web service, request",
        "event": "events, message, messages, messaging, queue, kafka, async, asynchronous, stream, topic, mq",
        "shared data": "database, db, shared database, sql, shared db, data, etl, replication",
        "file": "files, file transfer, sftp, ftp, batch, batch file, csv, export",
        "manual": "by hand, e mail, email, copy and paste, spreadsheet, paper, rekeying",
    },
    "state": {
        "candidate": "idea, proposed, planned, backlog, new",
        "building": "in progress, in development, development, wip, started",
        "live": "production, in production, done, released, active",
        "retired": "stopped, closed, ended",
    },
    "direction": {
        "higher": "up, increase, more is better, higher is better, maximise, maximize",
        "lower": "down, decrease, less is better, lower is better, minimise, minimize, reduce",
    },
    "standalone": {"yes": "standalone, isolated", "no": "connected, integrated"},
    "end_user": {"yes": "end user, user, daily user", "no": "manager, stakeholder, it"},
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    column: {loose(text): word for word, texts in words.items() for text in texts.split(", ")}
    for column, words in _WORDS.items()
}
"""By the name of a column: what people write in it -> our word."""
