/** All about one task or subtask, beside the board, and always as it is now (D29, `docs/board.md`). */
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { BoardAttempt, BoardDetail, BoardNeighbor, DetailTarget } from '../../../contract/pages/board';
import { ActionButton, Problem } from '../elements/ActionButton';
import { useBoard } from '../model/context';
import { Gauge } from '../elements/Gauge';
import { safeHtml } from './markdown';
import { ActionSign, Sign } from '../elements/signs';

const PRIMARY = [
  'answer',
  'start',
  'resumeAccount',
  'retry',
  'retrySetup',
  'merge',
  'retryPullRequest',
  'retryPlanning',
] as const;

export function Detail({ onClose }: { readonly onClose: () => void }) {
  const { store, texts } = useBoard();
  const { target, detail } = store;
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), [target?.id]);
  if (target === undefined) return null;
  return (
    <aside class="detail" aria-label={texts.details} aria-busy={detail === undefined}>
      <header>
        <div class="subtitle quiet">{detail?.subtitle ?? ''}</div>
        <button type="button" class="icon" aria-label={texts.close} title={texts.close} onClick={onClose}>
          <ActionSign action="close" />
        </button>
        <h2 ref={heading} tabIndex={-1}>
          {detail?.title ?? texts.details}
        </h2>
      </header>
      {detail ? <Contents detail={detail} target={target} /> : null}
    </aside>
  );
}

function Contents({ detail, target }: { readonly detail: BoardDetail; readonly target: DetailTarget }) {
  const { texts } = useBoard();
  return (
    <div class="contents">
      <p class={`state ${detail.status}`}>
        <Sign status={detail.status} />
        <strong>{detail.state}</strong>
      </p>
      {detail.reason === '' ? null : <p class="reason whole">{detail.reason}</p>}
      <div class="buttons" role="group" aria-label={texts.actions}>
        {detail.actions.map((action) => (
          <ActionButton
            key={action}
            action={action}
            target={target}
            of={detail.title}
            kind={(PRIMARY as readonly string[]).includes(action) ? 'primary' : 'secondary'}
          />
        ))}
      </div>
      <Problem about={target.id} />
      <Facts detail={detail} />
      {detail.gauges.map((gauge) => (
        <div key={gauge.name} class="gauge">
          <span>{gauge.name}</span>
          <span class="quiet">{gauge.text}</span>
          <Gauge gauge={gauge} />
        </div>
      ))}
      <Neighbors title={texts.waitsFor} of={detail.waitsFor} />
      <Neighbors title={texts.dependents} of={detail.dependents} />
      {detail.texts.map(({ name, markdown }) => (
        <Text key={name} name={name} markdown={markdown} />
      ))}
      <Attempts attempts={detail.attempts} />
    </div>
  );
}

function Facts({ detail }: { readonly detail: BoardDetail }) {
  const { texts } = useBoard();
  const { branch, pullRequest, facts } = detail;
  return (
    <dl>
      {branch === '' ? null : (
        <>
          <dt>{texts.branch}</dt>
          <dd>
            <code>{branch}</code>
          </dd>
        </>
      )}
      {pullRequest === '' ? null : (
        <>
          <dt>{texts.pullRequest}</dt>
          <dd>
            <a href={pullRequest} rel="noopener noreferrer">
              {pullRequest}
            </a>
          </dd>
        </>
      )}
      {facts.map(({ name, value }) => (
        <>
          <dt key={`${name} name`}>{name}</dt>
          <dd key={name}>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function Text({ name, markdown }: { readonly name: string; readonly markdown: string }) {
  const html = useMemo(() => ({ __html: safeHtml(markdown) }), [markdown]);
  return (
    <details open>
      <summary>{name}</summary>
      <div class="markdown" dangerouslySetInnerHTML={html} />
    </details>
  );
}

function Neighbors({ title, of }: { readonly title: string; readonly of: readonly BoardNeighbor[] }) {
  const { store } = useBoard();
  if (of.length === 0) return null;
  return (
    <details open>
      <summary>
        {title} <span class="count">{of.length}</span>
      </summary>
      <ul class="neighbors">
        {of.map(({ id, title: name, status, state }) => (
          <li key={id}>
            <button type="button" class="link" onClick={() => store.open({ kind: 'subtask', id })}>
              <Sign status={status} />
              <span>{name}</span>
              <span class="quiet">{state}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly BoardAttempt[] }) {
  const { texts } = useBoard();
  if (attempts.length === 0) return null;
  return (
    <details open>
      <summary>
        {texts.attempts} <span class="count">{attempts.length}</span>
      </summary>
      <ul class="attempts">
        {attempts.map((attempt) => (
          <Attempt key={attempt.id} attempt={attempt} />
        ))}
      </ul>
    </details>
  );
}

function Attempt({ attempt }: { readonly attempt: BoardAttempt }) {
  const { store, texts } = useBoard();
  const { name, status, facts, error, dispatchId } = attempt;
  return (
    <li>
      <div class="title">
        <Sign status={status} />
        <span>{name}</span>
        {dispatchId === null ? null : (
          <span class="buttons">
            {(['log', 'prompt'] as const).map((what) => (
              <button
                key={what}
                type="button"
                class="link"
                aria-label={`${name}: ${texts[what]}`}
                onClick={() => store.checkAttempt(what, dispatchId)}
              >
                {texts[what]}
              </button>
            ))}
          </span>
        )}
      </div>
      <div class="quiet">{facts.join(' · ')}</div>
      {error === '' ? null : <div class="reason whole">{error}</div>}
      {dispatchId === null ? null : <Problem about={dispatchId} />}
    </li>
  );
}
