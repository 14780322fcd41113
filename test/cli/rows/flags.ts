/** Flags that no other row uses, with their effect. */
import type { Row } from '../../support/ic/cliTable';

export const FLAG_ROWS: Readonly<Record<string, readonly Row[]>> = {
  'of runs': [
    {
      line: 'run create --goal=g --phases=["a","b","c"] --complexity=5 --scope-id=s --token-budget=10 --budget-warn-pct=50',
      keep: 'run',
    },
    { line: 'run status {run} --json', out: /"complexity":5,.*"scope_id":"s"/ },
    { line: 'run list --scope=s', out: /^\w{8}\tactive\ta\tg\n$/ },
    { line: 'run list --scope=other', out: '' },
    { line: 'run current --project=/elsewhere', code: 1 },
    { line: 'run set {run} --force-full=true --auto-advance=false', out: 'updated\n' },
    { line: 'run status {run} --json', out: /"force_full":true/ },
    { line: 'run advance {run} --skip-reason=because', out: 'a → b\n' },
    { line: 'run events {run}', out: /because/ },
    { line: 'run artifact add {run} --phase=b --path=p --type=plan', out: /^\w{8}\n$/ },
    { line: 'run artifact list {run}', out: /^\w{8}\tb\tplan\tp\n$/ },
    { line: 'run rollback {run} --layer=code --phase=a --format=json', out: 'null\n' },
    { line: 'run rollback {run} --to-phase=a --reason=again', out: /"reason": "again"/ },
    { line: 'run agent add {run} --dispatch-id=d1234567', out: /^\w{8}\n$/ },
    { line: 'run agent list {run} --json', out: /"dispatch_id":"d1234567"/ },
  ],
  'of events': [
    { line: 'run create --goal=g', keep: 'run' },
    { line: 'run advance {run}' },
    { line: 'run advance {run}' },
    { line: 'events tail --all --limit=1', out: /^\{"id":1,[^\n]*\n$/ },
    { line: 'events tail --all --consumer=c --limit=1', out: /^\{"id":1,[^\n]*\n$/ },
    { line: 'events tail --all --consumer=c', out: /^\{"id":2,[^\n]*\n$/ },
    { line: 'events tail --all --since-dispatch=1 --since-discovery=1 --since-phase=1', out: /^\{"id":2,[^\n]*\n$/ },
  ],
  'of discoveries and interspect': [
    { line: 'discovery submit --source=s --source-id=1 --title=t --summary=sum --url=u --metadata={"a":1}', keep: 'd' },
    { line: 'discovery status {d} --json', out: /"summary":"sum","url":"u","raw_metadata":"\{\\"a\\":1\}"/ },
    { line: 'discovery list --status=new --limit=1', out: /^\w{12}\ts\tt\tnew/ },
    { line: 'discovery list --status=promoted', out: '' },
    { line: 'discovery promote {d} --bead-id=B --force', out: /^promoted / },
    { line: 'discovery feedback {d} --signal=good --data={"n":1} --actor=me', out: /^feedback recorded/ },
    { line: 'discovery search --embedding=@vector --source=s --tier=low --min-score=0.5 --limit=1', out: '' },
    { line: 'discovery decay --rate=0.5 --min-age=0', out: '0 decayed\n' },
    { line: 'interspect record --agent=a --type=t --run=r --reason=why --session=s --project=/p', out: '1\n' },
    { line: 'interspect query --agent=b', out: '' },
    { line: 'interspect query --agent=a --limit=1', out: /^\{"id":1,.*"reason":"why"|"override_reason":"why"/ },
  ],
};
