
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.tnctl_attempts (
    intent_id integer NOT NULL,
    n integer NOT NULL,
    at text NOT NULL,
    answered text,
    verdict text,
    words text NOT NULL,
    status integer
);

CREATE TABLE public.tnctl_intent_addresses (
    intent_id integer NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.tnctl_intents (
    id integer NOT NULL,
    plan_id text NOT NULL,
    provider text NOT NULL,
    action text NOT NULL,
    reference text NOT NULL,
    carrier text NOT NULL,
    currency text,
    setup text,
    monthly text,
    first_month text,
    price_as_of text,
    created_at text NOT NULL,
    status text NOT NULL,
    person text NOT NULL,
    closed_at text,
    how text NOT NULL,
    evidence text NOT NULL,
    who text NOT NULL
);

CREATE SEQUENCE public.tnctl_intents_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.tnctl_intents_id_seq OWNED BY public.tnctl_intents.id;

CREATE TABLE public.tnctl_ledger (
    id integer NOT NULL,
    at text NOT NULL,
    event text NOT NULL,
    plan_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    currency text,
    setup text,
    monthly text,
    first_month text,
    price_as_of text,
    reference text NOT NULL
);

CREATE SEQUENCE public.tnctl_ledger_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.tnctl_ledger_id_seq OWNED BY public.tnctl_ledger.id;

CREATE TABLE public.tnctl_lock (
    name text NOT NULL,
    fence integer NOT NULL,
    lock_id text,
    holder text,
    host text,
    pid integer,
    process_start text,
    acquired_at text,
    expires_at text
);

CREATE TABLE public.tnctl_meta (
    key text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.tnctl_plan_outcomes (
    plan_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    result text NOT NULL
);

CREATE TABLE public.tnctl_plans (
    plan_id text NOT NULL,
    digest text NOT NULL,
    status text NOT NULL,
    started_at text NOT NULL,
    ended_at text
);

CREATE TABLE public.tnctl_records (
    kind text NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    origin text NOT NULL,
    applied text NOT NULL,
    seal text NOT NULL,
    carrier text NOT NULL,
    labels text NOT NULL,
    protect boolean NOT NULL,
    gone boolean NOT NULL,
    made_at text,
    updated_at text,
    word text NOT NULL,
    since text,
    release_after integer,
    retired_at text
);

CREATE TABLE public.tnctl_resolutions (
    id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    owned boolean NOT NULL,
    evidence text NOT NULL,
    who text NOT NULL,
    at text NOT NULL
);

CREATE SEQUENCE public.tnctl_resolutions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.tnctl_resolutions_id_seq OWNED BY public.tnctl_resolutions.id;

ALTER TABLE ONLY public.tnctl_intents ALTER COLUMN id SET DEFAULT nextval('public.tnctl_intents_id_seq'::regclass);

ALTER TABLE ONLY public.tnctl_ledger ALTER COLUMN id SET DEFAULT nextval('public.tnctl_ledger_id_seq'::regclass);

ALTER TABLE ONLY public.tnctl_resolutions ALTER COLUMN id SET DEFAULT nextval('public.tnctl_resolutions_id_seq'::regclass);

INSERT INTO public.tnctl_attempts VALUES (1, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (2, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (3, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (4, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (5, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (6, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:04Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (7, 1, '2025-06-03T09:00:04Z', '2025-06-03T09:00:05Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (8, 1, '2025-06-03T09:00:05Z', '2025-06-03T09:00:06Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (9, 1, '2025-06-03T09:00:06Z', '2025-06-03T09:00:07Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (10, 1, '2025-06-03T09:00:07Z', '2025-06-03T09:00:08Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (11, 1, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', 'accepted', '', 202);
INSERT INTO public.tnctl_attempts VALUES (12, 1, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', 'accepted', '', 202);
INSERT INTO public.tnctl_attempts VALUES (13, 1, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (14, 1, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (15, 1, '2025-06-03T09:00:10Z', '2025-06-03T09:00:10Z', 'ok', '', 200);
INSERT INTO public.tnctl_attempts VALUES (16, 1, '2025-06-03T11:00:10Z', '2025-06-03T11:00:10Z', 'ok', '', 204);
INSERT INTO public.tnctl_attempts VALUES (17, 1, '2025-06-03T11:00:10Z', '2025-06-03T11:00:10Z', 'accepted', '', 202);
INSERT INTO public.tnctl_attempts VALUES (19, 1, '2025-06-03T11:01:42Z', '2025-06-03T11:01:42Z', 'ok', 'Success', 200);
INSERT INTO public.tnctl_attempts VALUES (22, 1, '2025-06-03T11:02:42Z', NULL, 'maybe', 'no answer in time', NULL);
INSERT INTO public.tnctl_attempts VALUES (18, 1, '2025-06-03T11:01:12Z', '2025-06-03T11:03:12Z', 'maybe', 'no answer in time', NULL);
INSERT INTO public.tnctl_attempts VALUES (20, 1, '2025-06-03T11:01:42Z', '2025-06-03T11:03:12Z', 'maybe', 'no answer in time', NULL);
INSERT INTO public.tnctl_attempts VALUES (21, 1, '2025-06-03T11:02:12Z', '2025-06-03T11:03:12Z', 'maybe', 'no answer in time', NULL);
INSERT INTO public.tnctl_attempts VALUES (23, 1, '2025-06-03T11:03:43Z', NULL, NULL, '', NULL);

INSERT INTO public.tnctl_intent_addresses VALUES (1, 0, 'brand', 'acme');
INSERT INTO public.tnctl_intent_addresses VALUES (2, 0, 'number', '+12012163706');
INSERT INTO public.tnctl_intent_addresses VALUES (3, 0, 'number', '+12012163713');
INSERT INTO public.tnctl_intent_addresses VALUES (4, 0, 'number', '+12015550123');
INSERT INTO public.tnctl_intent_addresses VALUES (5, 0, 'number', '+12015550125');
INSERT INTO public.tnctl_intent_addresses VALUES (6, 0, 'number', '+447700900000');
INSERT INTO public.tnctl_intent_addresses VALUES (7, 0, 'number', '+447700900001');
INSERT INTO public.tnctl_intent_addresses VALUES (8, 0, 'number', '+447700900123');
INSERT INTO public.tnctl_intent_addresses VALUES (9, 0, 'number', '+447700900124');
INSERT INTO public.tnctl_intent_addresses VALUES (10, 0, 'number', '+447700900126');
INSERT INTO public.tnctl_intent_addresses VALUES (11, 0, 'sms', '+17205550142');
INSERT INTO public.tnctl_intent_addresses VALUES (12, 0, 'sms', '+17205550143');
INSERT INTO public.tnctl_intent_addresses VALUES (13, 0, 'campaign', 'alerts');
INSERT INTO public.tnctl_intent_addresses VALUES (14, 0, 'assignment', '+12015550123');
INSERT INTO public.tnctl_intent_addresses VALUES (15, 0, 'webhook', '+17205550142');
INSERT INTO public.tnctl_intent_addresses VALUES (16, 0, 'number', '+447700900123');
INSERT INTO public.tnctl_intent_addresses VALUES (17, 0, 'sms', '+17205550143');
INSERT INTO public.tnctl_intent_addresses VALUES (18, 0, 'number', '+12013895349');
INSERT INTO public.tnctl_intent_addresses VALUES (19, 0, 'number', '+12015550126');
INSERT INTO public.tnctl_intent_addresses VALUES (20, 0, 'number', '+447700900002');
INSERT INTO public.tnctl_intent_addresses VALUES (21, 0, 'number', '+447700900125');
INSERT INTO public.tnctl_intent_addresses VALUES (22, 0, 'number', '+447700900126');
INSERT INTO public.tnctl_intent_addresses VALUES (23, 0, 'number', '+447700900127');

INSERT INTO public.tnctl_intents VALUES (1, '00000002', 'vt', 'create', '42rvnn7dfzhwku7ffo57izxo', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (2, '00000002', 'vt', 'create', 'vxcwn2vns5ainjepjbr5l2p5', '{"attrs":{},"labels":{},"protect":false,"release_after":null,"slot":"nj-support.0"}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (3, '00000002', 'vt', 'create', '7xalgksp72wtipkauvc7s3uk', '{"attrs":{},"labels":{},"protect":false,"release_after":null,"slot":"nj-support.1"}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (4, '00000002', 'vt', 'create', 'kazhkhrwbv735bt3icpeitjb', '{"attrs":{},"labels":{},"protect":true,"release_after":null}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (5, '00000002', 'vt', 'create', 'amm2sh7nbhracz5g6mpay4mt', '{"attrs":{},"labels":{"team":"support"},"protect":false,"release_after":null}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (6, '00000002', 'ib', 'create', 'd6q7myz4ktpsblct5woityl3', '{"attrs":{},"country":"GB","labels":{},"numberKey":"00C2B80B55F1D04F4A7C086CB9EC4883","protect":false,"release_after":null,"slot":"uk-desk.0"}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (7, '00000002', 'ib', 'create', 'xuys5pekhwe454ci2ptfeou2', '{"attrs":{},"country":"GB","labels":{},"numberKey":"5B9F00B750C7054FEC3CE70E238D57B8","protect":false,"release_after":null,"slot":"uk-desk.1"}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T09:00:04Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (8, '00000002', 'ib', 'create', 'saq5s3ez52gxnq5r74ya7owh', '{"attrs":{},"country":"GB","labels":{},"numberKey":"D32CCED883B2F0C67C547A7D1AAA385B","protect":false,"release_after":null}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T09:00:05Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (9, '00000002', 'ib', 'create', 'ziyy3bzymve5p53jy5valmpj', '{"attrs":{},"country":"GB","labels":{},"numberKey":"CDC66E4437390567A5352F1AEC95963B","protect":false,"release_after":2592000.0}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T09:00:06Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (10, '00000002', 'ib', 'create', 'muldz34dbpfj5gflim6gpkwq', '{"attrs":{},"country":"GB","labels":{},"numberKey":"8056771345B4A36DA37C07130EB980CD","protect":false,"release_after":null}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T09:00:07Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (11, '00000002', 'ip', 'create', 'pzyzringnvz6nwmn2xjpmk3s', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:08Z', 'done', '', '2025-06-03T09:00:08Z', 'accepted', '', '');
INSERT INTO public.tnctl_intents VALUES (12, '00000002', 'ip', 'create', 's4qj6tp4mmxvfbdwzufoi3so', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:08Z', 'done', '', '2025-06-03T09:00:08Z', 'accepted', '', '');
INSERT INTO public.tnctl_intents VALUES (13, '00000002', 'vt', 'create', 'equvlsestx2vhucgvoha5ara', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:08Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (14, '00000002', 'vt', 'create', 'ptu3s553evnzsfwpkc2jhomf', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:08Z', 'done', '', '2025-06-03T09:00:08Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (15, '00000002', 'ip', 'create', 'vu4pztpsfhp2kiauiebg7fv4', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T09:00:10Z', 'done', '', '2025-06-03T09:00:10Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (16, '00000006', 'ib', 'delete', 'saq5s3ez52gxnq5r74ya7owh', '{"numberKey":"B4B295E2CB3A1E2DF6DD2297A2453421"}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T11:00:10Z', 'done', '', '2025-06-03T11:00:10Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (17, '00000006', 'ip', 'delete', 's4qj6tp4mmxvfbdwzufoi3so', '{}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T11:00:10Z', 'done', '', '2025-06-03T11:00:10Z', 'accepted', '', '');
INSERT INTO public.tnctl_intents VALUES (18, '00000008', 'vt', 'create', 'fu7ji2i2cximardtvgtdg3vj', '{"attrs":{},"labels":{},"protect":false,"release_after":null,"slot":"nj-support.2"}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T11:01:12Z', 'open', '', NULL, '', '', '');
INSERT INTO public.tnctl_intents VALUES (20, '00000008', 'ib', 'create', 'rpczjqcullfj3xphgfds6plo', '{"attrs":{},"country":"GB","labels":{},"numberKey":"6813CE4E8AAD481E65A0CD920ACD5169","protect":false,"release_after":null,"slot":"uk-desk.2"}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T11:01:42Z', 'open', '', NULL, '', '', '');
INSERT INTO public.tnctl_intents VALUES (21, '00000008', 'ib', 'create', 'ydl2vqkdc2uh7gij4l3rck3m', '{"attrs":{},"country":"GB","labels":{},"numberKey":"2265FDC6AFAE1B87%5D0D958441F07BE","protect":false,"release_after":null}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T11:02:12Z', 'open', '', NULL, '', '', '');
INSERT INTO public.tnctl_intents VALUES (19, '00000008', 'vt', 'create', '3vykxeamdyehdm4b5lggkumk', '{"attrs":{},"labels":{},"protect":false,"release_after":null}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T11:01:42Z', 'done', '', '2025-06-03T11:03:12Z', 'answered', '', '');
INSERT INTO public.tnctl_intents VALUES (22, '00000008', 'ib', 'delete', 'muldz34dbpfj5gflim6gpkwq', '{"numberKey":"39FD1A546A355877491C2913FDB75B4F"}', NULL, NULL, NULL, NULL, NULL, '2025-06-03T11:02:42Z', 'dropped', '', '2025-06-03T11:03:42Z', 'still on the account: the next plan decides', '', '');
INSERT INTO public.tnctl_intents VALUES (23, '00000010', 'ib', 'create', 'g6dsys7o7rdwcq24k54oaiyg', '{"attrs":{},"country":"GB","labels":{},"numberKey":"1591E5B86928293C053264DAF65D95AD","protect":false,"release_after":null}', 'EUR', '0', '5', '4.666667', NULL, '2025-06-03T11:03:43Z', 'open', '', NULL, '', '', '');

INSERT INTO public.tnctl_ledger VALUES (1, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+12012163706', 'vt', NULL, NULL, NULL, NULL, NULL, 'vxcwn2vns5ainjepjbr5l2p5');
INSERT INTO public.tnctl_ledger VALUES (2, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+12012163713', 'vt', NULL, NULL, NULL, NULL, NULL, '7xalgksp72wtipkauvc7s3uk');
INSERT INTO public.tnctl_ledger VALUES (3, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+12015550123', 'vt', NULL, NULL, NULL, NULL, NULL, 'kazhkhrwbv735bt3icpeitjb');
INSERT INTO public.tnctl_ledger VALUES (4, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+12015550125', 'vt', NULL, NULL, NULL, NULL, NULL, 'amm2sh7nbhracz5g6mpay4mt');
INSERT INTO public.tnctl_ledger VALUES (5, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+447700900000', 'ib', 'EUR', '0', '5', '4.666667', NULL, 'd6q7myz4ktpsblct5woityl3');
INSERT INTO public.tnctl_ledger VALUES (6, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+447700900001', 'ib', 'EUR', '0', '5', '4.666667', NULL, 'xuys5pekhwe454ci2ptfeou2');
INSERT INTO public.tnctl_ledger VALUES (7, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+447700900123', 'ib', 'EUR', '0', '5', '4.666667', NULL, 'saq5s3ez52gxnq5r74ya7owh');
INSERT INTO public.tnctl_ledger VALUES (8, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+447700900124', 'ib', 'EUR', '0', '5', '4.666667', NULL, 'ziyy3bzymve5p53jy5valmpj');
INSERT INTO public.tnctl_ledger VALUES (9, '2025-06-03T09:00:08Z', 'purchase', '00000002', 'number', '+447700900126', 'ib', 'EUR', '0', '5', '4.666667', NULL, 'muldz34dbpfj5gflim6gpkwq');
INSERT INTO public.tnctl_ledger VALUES (10, '2025-06-03T11:00:10Z', 'release', '00000006', 'number', '+447700900123', 'ib', NULL, NULL, NULL, NULL, NULL, 'saq5s3ez52gxnq5r74ya7owh');
INSERT INTO public.tnctl_ledger VALUES (11, '2025-06-03T11:03:12Z', 'purchase', '00000008', 'number', '+12015550126', 'vt', NULL, NULL, NULL, NULL, NULL, '3vykxeamdyehdm4b5lggkumk');

INSERT INTO public.tnctl_lock VALUES ('apply', 6, 'eb4c7bef', 'alice@ci-1 pid 4711', 'ci-1', 4711, 'boot:1', '2025-06-03T11:03:42Z', '2025-06-03T11:18:42Z');

INSERT INTO public.tnctl_meta VALUES ('format_version', '1');
INSERT INTO public.tnctl_meta VALUES ('lineage', 'e9b396b5b3f3e0f886a9618f220c1202');
INSERT INTO public.tnctl_meta VALUES ('key', '07a91c4f1485a118ebf8ac70f036db461771ef0e768d1ae603105e89e41b4072');
INSERT INTO public.tnctl_meta VALUES ('world', 'carriers');
INSERT INTO public.tnctl_meta VALUES ('serial', '4');

INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'brand', 'acme', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+12012163706', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+12012163713', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+12015550123', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+12015550125', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+447700900000', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+447700900001', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+447700900123', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+447700900124', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'number', '+447700900126', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'campaign', 'alerts', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'assignment', '+12015550123', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'sms', '+17205550142', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'sms', '+17205550143', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000002', 'webhook', '+17205550142', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000006', 'number', '+12015550125', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000006', 'number', '+447700900124', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000006', 'number', '+447700900123', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000006', 'sms', '+17205550143', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000008', 'number', '+12015550126', 'done');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000008', 'number', '+447700900126', 'unknown');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000008', 'number', '+12013895349', 'unknown');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000008', 'number', '+447700900002', 'unknown');
INSERT INTO public.tnctl_plan_outcomes VALUES ('00000008', 'number', '+447700900125', 'unknown');

INSERT INTO public.tnctl_plans VALUES ('00000002', 'sha256:33c6e27011032607855e0c17d7e78e57330fa0b12cf986d46c321e3f59a3a747', 'finished', '2025-06-03T09:00:04Z', '2025-06-03T09:00:10Z');
INSERT INTO public.tnctl_plans VALUES ('00000006', 'sha256:05596855a334de4de78205cc16e31ec0ef0eac20f01efe2b6c42f585957d100f', 'finished', '2025-06-03T11:00:10Z', '2025-06-03T11:00:12Z');
INSERT INTO public.tnctl_plans VALUES ('00000008', 'sha256:35af6d111c655e6ba5f3465d958f2edf9cac025fc1a9562dcbad3dc27c75bc37', 'pending', '2025-06-03T11:01:12Z', '2025-06-03T11:03:12Z');
INSERT INTO public.tnctl_plans VALUES ('00000010', 'sha256:32ab83ffcaea84ee53a5ae00c6b0f8c9edabaf38e53bf0351f85279cb30144be', 'running', '2025-06-03T11:03:43Z', NULL);

INSERT INTO public.tnctl_records VALUES ('brand', 'acme', 'vt', 'made', '{"description":"ACME alerts","id":"BACME01","name":"ACME"}', 'hmac:07a0be9b1d463125ea7fb9c91701825a637687faebc31898d71d6b53e327da66', '{}', '{}', false, false, '2025-06-03T09:00:04Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+12012163706', 'vt', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{}', false, false, '2025-06-03T09:00:04Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('slot', 'nj-support.0', 'vt', 'bought', '{"number":"+12012163706"}', '', '{}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+12012163713', 'vt', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{}', false, false, '2025-06-03T09:00:04Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('slot', 'nj-support.1', 'vt', 'bought', '{"number":"+12012163713"}', '', '{}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+12015550123', 'vt', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{}', true, false, '2025-06-03T09:00:04Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+447700900000', 'ib', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{"country":"GB","numberKey":"2216701ECFD7C4AA76D938400F6972C6"}', '{}', false, false, '2025-06-03T09:00:04Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('slot', 'uk-desk.0', 'ib', 'bought', '{"number":"+447700900000"}', '', '{}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+447700900001', 'ib', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{"country":"GB","numberKey":"6A7CE1C75203753C1AE1744E922974E0"}', '{}', false, false, '2025-06-03T09:00:05Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('slot', 'uk-desk.1', 'ib', 'bought', '{"number":"+447700900001"}', '', '{}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+447700900126', 'ib', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{"country":"GB","numberKey":"39FD1A546A355877491C2913FDB75B4F"}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('campaign', 'alerts', 'vt', 'made', '{"brand":"BACME01","description":"Delivery alerts","id":"CACME01"}', 'hmac:45974eaa86f4d12730b9fd7b88108e7c9808f643800c65b4dffd82d8b11d160c', '{}', '{}', false, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('assignment', '+12015550123', 'vt', 'made', '{"campaign":"CACME01"}', 'hmac:a5283fb2b35ebf6a2269ffd57dfd639b2ac41230658a2415cf2ef899630e5ad3', '{}', '{}', true, false, '2025-06-03T09:00:08Z', '2025-06-03T09:00:08Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('sms', '+17205550142', 'ip', 'made', '{"enabled":true}', 'hmac:53b8573fa6d61c73356961d0b7a91328911232e2ab53920a6319f87b3bd3bfb5', '{}', '{}', false, false, '2025-06-03T09:00:10Z', '2025-06-03T09:00:10Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('webhook', '+17205550142', 'ip', 'made', '{"url":"https://hooks.example.com/in"}', 'hmac:7fc981fed80ee3d34d0966d632ea9bc161a4c8c6041d12560f38bf3030d7ce97', '{}', '{}', false, false, '2025-06-03T09:00:10Z', '2025-06-03T09:00:10Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+12015550125', 'vt', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{"team":"support"}', false, true, '2025-06-03T09:00:04Z', '2025-06-03T11:00:10Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+447700900124', 'ib', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{"country":"GB","numberKey":"97CA1FCD38B6C7569EDAA65B9301BDEF"}', '{}', false, false, '2025-06-03T09:00:07Z', '2025-06-03T11:00:10Z', '', NULL, 2592000, '2025-06-03T11:00:10Z');
INSERT INTO public.tnctl_records VALUES ('sms', '+17205550143', 'ip', 'made', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{}', false, true, '2025-06-03T09:00:10Z', '2025-06-03T11:00:12Z', '', NULL, NULL, NULL);
INSERT INTO public.tnctl_records VALUES ('number', '+12015550126', 'vt', 'bought', '{}', 'hmac:7fbc5acff56cfeeb9c40d7c48a370c7319a27e9fbab0eda28b9dd19a8ec1ea21', '{}', '{}', false, false, '2025-06-03T11:01:42Z', '2025-06-03T11:03:12Z', '', NULL, NULL, NULL);

INSERT INTO public.tnctl_resolutions VALUES (1, 'number', '+12015550127', 'vt', false, 'the portal does not list it', 'alice', '2025-06-03T11:00:12Z');

SELECT pg_catalog.setval('public.tnctl_intents_id_seq', 23, true);

SELECT pg_catalog.setval('public.tnctl_ledger_id_seq', 11, true);

SELECT pg_catalog.setval('public.tnctl_resolutions_id_seq', 1, true);

ALTER TABLE ONLY public.tnctl_attempts
    ADD CONSTRAINT tnctl_attempts_pkey PRIMARY KEY (intent_id, n);

ALTER TABLE ONLY public.tnctl_intent_addresses
    ADD CONSTRAINT tnctl_intent_addresses_pkey PRIMARY KEY (intent_id, "position");

ALTER TABLE ONLY public.tnctl_intents
    ADD CONSTRAINT tnctl_intents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tnctl_ledger
    ADD CONSTRAINT tnctl_ledger_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tnctl_lock
    ADD CONSTRAINT tnctl_lock_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.tnctl_meta
    ADD CONSTRAINT tnctl_meta_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.tnctl_plan_outcomes
    ADD CONSTRAINT tnctl_plan_outcomes_pkey PRIMARY KEY (plan_id, kind, name);

ALTER TABLE ONLY public.tnctl_plans
    ADD CONSTRAINT tnctl_plans_pkey PRIMARY KEY (plan_id);

ALTER TABLE ONLY public.tnctl_records
    ADD CONSTRAINT tnctl_records_pkey PRIMARY KEY (kind, name);

ALTER TABLE ONLY public.tnctl_resolutions
    ADD CONSTRAINT tnctl_resolutions_pkey PRIMARY KEY (id);

CREATE INDEX tnctl_intent_addresses_by_address ON public.tnctl_intent_addresses USING btree (kind, name);

CREATE INDEX tnctl_intents_by_status ON public.tnctl_intents USING btree (status);

CREATE INDEX tnctl_ledger_by_address ON public.tnctl_ledger USING btree (kind, name);

CREATE INDEX tnctl_resolutions_by_address ON public.tnctl_resolutions USING btree (kind, name);

ALTER TABLE ONLY public.tnctl_attempts
    ADD CONSTRAINT tnctl_attempts_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES public.tnctl_intents(id);

ALTER TABLE ONLY public.tnctl_intent_addresses
    ADD CONSTRAINT tnctl_intent_addresses_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES public.tnctl_intents(id);

ALTER TABLE ONLY public.tnctl_plan_outcomes
    ADD CONSTRAINT tnctl_plan_outcomes_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.tnctl_plans(plan_id);

