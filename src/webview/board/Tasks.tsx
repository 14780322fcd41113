/** The strip of tasks above the columns: those being planned, those in progress and, if requested, those done. */
import type { BoardAction, BoardTask } from '../../contract/pages/board';
import { ActionButton, Problem } from './elements/ActionButton';
import { tasksInSight } from './model/columns';
import { useBoard } from './model/context';
import { fill } from './model/fill';
import { Gauge } from './elements/Gauge';
import { menuOf } from './cards/menu';
import { Sign } from './elements/signs';

const STRIP_ACTIONS = ['answer', 'resumeAccount', 'retryPlanning', 'stopPlanning', 'showLog'] as const;

export function Tasks() {
  const { store, texts } = useBoard();
  const { state, view } = store;
  if (state === undefined || state.tasks.size === 0) return null;
  const { open, done, doneCount } = tasksInSight(state, view);
  return (
    <section class="tasks" aria-labelledby="tasks">
      <h2 id="tasks">
        <span>{texts.tasks}</span>
        <span class="count">{open.length}</span>
        {doneCount === 0 ? null : (
          <button type="button" class="chip" aria-pressed={view.done} onClick={() => store.look({ done: !view.done })}>
            {fill(texts.doneTasks, doneCount)}
          </button>
        )}
      </h2>
      <ul class="strip" aria-labelledby="tasks">
        {[...open, ...done].map((task) => (
          <Task key={task.id} task={task} />
        ))}
      </ul>
    </section>
  );
}

/** A card has room for two buttons; its details offer the others. */
function isShort({ actions }: BoardTask): (action: BoardAction) => boolean {
  return (action) => action !== 'stopPlanning' || !actions.includes('answer');
}

function Task({ task }: { readonly task: BoardTask }) {
  const { store, texts } = useBoard();
  const target = { kind: 'task', id: task.id } as const;
  const isOpen = store.target?.id === task.id;
  const offered = STRIP_ACTIONS.filter((action) => task.actions.includes(action)).filter(isShort(task));
  return (
    <li
      class={`task ${task.status}${isOpen ? ' open' : ''}`}
      data-task={task.id}
      {...menuOf('task', store.state?.head.folder ?? '', task)}
    >
      <button
        type="button"
        class="title"
        aria-label={task.spoken}
        aria-expanded={isOpen}
        onClick={() => store.open(target)}
      >
        <Sign status={task.status} />
        <span title={task.title}>{task.title}</span>
      </button>
      <div
        class={task.reason === '' ? 'lines quiet' : 'lines'}
        title={task.reason === '' ? task.description : task.reason}
      >
        {task.reason === '' ? task.description : task.reason}
      </div>
      <div class="foot">
        <span class={`badge ${task.status}`}>{task.state}</span>
        {task.subtasks === 0 ? null : (
          <progress
            value={task.merged}
            max={task.subtasks}
            aria-label={fill(texts.progress, task.merged, task.subtasks)}
          />
        )}
        <span class="line quiet">{task.facts.join(' · ')}</span>
        <span class="buttons">
          {offered.map((action) => (
            <ActionButton
              key={action}
              action={action}
              target={target}
              of={task.title}
              kind={action === 'showLog' ? 'icon' : 'secondary'}
            />
          ))}
        </span>
      </div>
      {task.budget === '' ? null : (
        <div class="budget">
          {task.gauges.map((gauge) => (
            <Gauge key={gauge.name} gauge={gauge} />
          ))}
          <span class="line quiet" title={task.budget}>
            {task.budget}
          </span>
        </div>
      )}
      <Problem about={task.id} />
    </li>
  );
}
