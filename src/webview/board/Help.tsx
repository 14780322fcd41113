/** The keys of the board, in a dialog of the browser, which keeps the focus and closes with Escape. */
import { useEffect, useRef } from 'preact/hooks';
import { useBoard } from './model/context';
import { ActionSign } from './elements/signs';

export function Help({ onClose }: { readonly onClose: () => void }) {
  const { texts } = useBoard();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys = [
    ['← ↑ ↓ →  j  k', texts.keyArrows],
    ['Enter', texts.keyEnter],
    ['Tab', texts.keyTab],
    ['Alt+↑  Alt+↓', texts.keyMove],
    ['/', texts.keySearch],
    ['n', texts.keyNew],
    ['p', texts.keyProject],
    ['Shift+F10', texts.keyMenu],
    ['?', texts.keyHelp],
    ['Escape', texts.keyEscape],
  ] as const;
  return (
    <dialog ref={dialog} aria-labelledby="help" onClose={onClose}>
      <header>
        <h2 id="help">{texts.help}</h2>
        <button type="button" class="icon" aria-label={texts.close} onClick={() => dialog.current?.close()}>
          <ActionSign action="close" />
        </button>
      </header>
      <dl>
        {keys.map(([key, meaning]) => (
          <>
            <dt key={`${key} key`}>
              <kbd>{key}</kbd>
            </dt>
            <dd key={key}>{meaning}</dd>
          </>
        ))}
      </dl>
    </dialog>
  );
}
