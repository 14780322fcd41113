/** Output and exit codes of commands on the session of an agent. */
import type { Row } from '../../support/ic/cliTable';

export const SESSION_ROWS: readonly Row[] = [
  {
    line: 'dispatch session {agent}',
    out: 'session\trunning\tScripted Agent\tReading src/a.ts\nrequest\t1\t`npm test`\nrequest\t2\t`npm test`\nwaiting\tlater\tThen the docs.\n',
  },
  { line: 'dispatch session {agent} --json', out: /"waiting":\[\{"at_ms":0,"by":"ic","id":"later","text":"Then/ },
  { line: 'dispatch session nope', code: 1, out: '' },
  { line: 'dispatch session', code: 3 },
  { line: 'dispatch say {agent} Faster', out: /^[0-9a-f-]{36}\n$/ },
  { line: 'dispatch say {agent} Faster --when=now', code: 1, err: /accepts no text during a turn/ },
  { line: 'dispatch say {agent} Faster --when=never', code: 3, err: /invalid when: never/ },
  { line: 'dispatch say nope Faster', code: 1, out: '' },
  { line: 'dispatch edit-waiting {agent} later --text=First', out: 'requested\n' },
  { line: 'dispatch edit-waiting {agent} later', out: 'requested\n' },
  { line: 'dispatch edit-waiting {agent} nope', code: 1, out: '' },
  { line: 'dispatch edit-waiting {agent}', code: 3 },
  { line: 'dispatch answer {agent} 1 allow', out: 'answered\n' },
  { line: 'dispatch answer {agent} 1 deny', code: 1, err: /already answered by ic: allow\./ },
  { line: 'dispatch answer {agent} 3 deny', code: 1, err: /not found: 3/ },
  { line: 'dispatch answer {agent} 2 accept', code: 3 },
  { line: 'dispatch answer {agent} two deny', code: 3, err: /invalid number: two/ },
  { line: 'dispatch cancel-turn {agent}', out: 'requested\n' },
  { line: 'dispatch cancel-turn nope', code: 1, out: '' },
  { line: 'dispatch cancel-turn', code: 3 },
  { line: 'dispatch pause {agent}', out: 'requested\n' },
  { line: 'dispatch pause nope', code: 1, out: '' },
  { line: 'dispatch pause', code: 3 },
  { line: 'dispatch resume {agent}', out: 'requested\n' },
  { line: 'dispatch resume nope', code: 1, out: '' },
  { line: 'dispatch resume', code: 3 },
];
