/** The toolbar above the board: filters, grouping, a new task and help. Filters are kept for the folder. */
import { COLUMNS, EVERYTHING, type Column } from '../../contract/pages/board';
import { useBoard } from './model/context';
import { ActionSign } from './elements/signs';

export function Toolbar({ onHelp }: { readonly onHelp: () => void }) {
  const { store, texts } = useBoard();
  const { view, state } = store;
  const toggle = (column: Column): void => {
    const shown = new Set(view.columns);
    if (!shown.delete(column)) shown.add(column);
    store.look({ columns: COLUMNS.filter((one) => shown.has(one)) });
  };
  const isFiltered = view.taskId !== '' || view.text !== '' || view.columns.length < COLUMNS.length;
  return (
    <div class="toolbar">
      <label class="search">
        <ActionSign action="search" />
        <input
          id="search"
          type="search"
          placeholder={texts.search}
          aria-label={texts.search}
          aria-keyshortcuts="/"
          value={view.text}
          onInput={({ currentTarget }) => store.look({ text: currentTarget.value })}
        />
      </label>
      <select
        aria-label={texts.taskFilter}
        value={view.taskId}
        onChange={({ currentTarget }) => store.look({ taskId: currentTarget.value })}
      >
        <option value="">{texts.allTasks}</option>
        {[...(state?.tasks.values() ?? [])].map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <div class="chips" role="group" aria-label={texts.columnsFilter}>
        {COLUMNS.map((column) => (
          <button
            key={column}
            type="button"
            class="chip"
            aria-pressed={view.columns.includes(column)}
            onClick={() => toggle(column)}
          >
            {texts[column]}
          </button>
        ))}
      </div>
      <button
        type="button"
        class="chip"
        aria-pressed={view.grouped}
        onClick={() => store.look({ grouped: !view.grouped })}
      >
        {texts.group}
      </button>
      {isFiltered ? (
        <button
          type="button"
          class="link"
          onClick={() => store.look({ ...EVERYTHING, grouped: view.grouped, done: view.done })}
        >
          {texts.clear}
        </button>
      ) : null}
      <span class="space" />
      {state?.head.isWritable === true ? (
        <button type="button" class="primary" aria-keyshortcuts="n" onClick={() => store.offer('createTask')}>
          <ActionSign action="add" />
          {texts.newTask}
        </button>
      ) : null}
      <button type="button" class="icon" aria-label={texts.help} title={`${texts.help} (?)`} onClick={onHelp}>
        <ActionSign action="help" />
      </button>
    </div>
  );
}
