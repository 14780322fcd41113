/** Messages of `ic lead` about folders and settings, and its exit code if nothing is left to do. */
import type { Row } from '../../support/ic/cliTable';

const STARTED = /^time=\S+ level=info event="leader started" pid=\d+ .*\n[^]*event="leader stopped"/;

export const LEAD_ROWS: readonly Row[] = [
  { line: 'lead --once', out: STARTED },
  { line: 'lead {folder} repository --once --json', out: /^\{"time":"\S+","level":"info","event":"leader started",/ },
  { line: 'lead repository --once', code: 2, err: /^ic: lead: .*repository.*\n.*ic init/ },
  { line: 'lead nowhere', code: 2, err: /^ic: lead: The folder .*nowhere does not exist/ },
  { line: 'lead --workspace=none.code-workspace', code: 2, err: /none\.code-workspace/ },
  { line: 'lead --settings=none.json', code: 2, err: /none\.json/ },
  { line: 'lead --bogus', code: 3 },
  { line: 'lead --set=agents.default=claude', code: 3, err: /not JSON/ },
  { line: 'lead --set agents.defualt="x"', code: 3, err: /unknown setting: agents\.defualt/ },
  { line: 'lead --set=tasks.maxAttempts=0', code: 3, err: /tasks\.maxAttempts/ },
  { line: 'lead --allow-agents=unknown', code: 2, out: '', err: /unknown/ },
  { line: 'lead status', out: /^\S+\tnone\n$/ },
  { line: 'lead status {folder} repository --json', out: /^\[\{"folder":"\S+","leader":null\},\{/ },
  { line: 'lead status --bogus', code: 3 },
  { line: 'lead status nowhere', code: 2, err: /^ic: lead status: The folder .*nowhere does not exist/ },
  {
    line: 'lead --unit=systemd --allow-agents=claude',
    out: /\nExecStart=\S+ \S+ic\.js lead \S+ --allow-agents=claude\n/,
  },
  { line: 'lead --unit=launchd', out: /<string>lead<\/string>\n {4}<string>\/\S+<\/string>\n/ },
  { line: 'lead --unit=systemd --allow-agents=unknown', code: 2, err: /unknown/ },
  { line: 'lead --unit=cron', code: 3, err: /systemd, launchd/ },
  { line: 'project add repository --base=main' },
  { line: 'task create --title=T --body-file=-', input: 'x' },
  {
    line: 'lead --once',
    code: 1,
    out: /event="agents wait for permission" \S+ kinds="\[\\"claude\\"\]"[^]*needs a person/,
  },
];
