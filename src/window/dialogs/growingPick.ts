/** One of a list that is shown before all of it is read: more is read when a person asks, all of it when they type. */
import * as vscode from 'vscode';
import { ALONE, answerOf, type Choice, type Question } from './ask';

type Items<T> = readonly (Choice<T> | vscode.QuickPickItem)[];

/** What was read so far. */
export interface GrowingList<T> {
  readonly items: Items<T>;
  readonly hasMore: boolean;
}

/** `more`: the item at the end that reads on. `readOn` gives the list as it is then, with the same objects. */
export async function chooseGrowing<T>(
  question: Question & { readonly more: string },
  first: GrowingList<T>,
  readOn: () => Promise<GrowingList<T>>,
): Promise<T> {
  const pick = vscode.window.createQuickPick<Choice<T> | vscode.QuickPickItem>();
  const more: vscode.QuickPickItem = { label: question.more, alwaysShow: true };
  const state = { list: first, isReading: false, isOpen: true, failure: undefined as { error: unknown } | undefined };
  const show = (): void => {
    const { items, hasMore } = state.list;
    pick.items = hasMore ? [...items, more] : items;
  };
  const read = async (isAllWanted: () => boolean): Promise<void> => {
    if (state.isReading) return;
    state.isReading = true;
    pick.busy = true;
    try {
      do {
        const active = pick.activeItems.filter((item) => item !== more);
        const shown = state.list.items.length;
        state.list = await readOn();
        show();
        const [next] = state.list.items.slice(shown);
        if (active.length > 0) pick.activeItems = active;
        else if (next !== undefined && pick.value === '') pick.activeItems = [next];
      } while (state.isOpen && state.list.hasMore && isAllWanted());
    } catch (error) {
      state.failure = { error };
      pick.hide();
    } finally {
      state.isReading = false;
      pick.busy = false;
    }
  };
  // What is typed is searched for in all rows.
  const readWhileTyped = (): void => {
    if (pick.value !== '' && state.list.hasMore) void read(() => pick.value !== '');
  };
  pick.title = question.title;
  pick.placeholder = question.placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.keepScrollPosition = true;
  show();
  const typing = pick.onDidChangeValue(readWhileTyped);
  try {
    return await answerOf(pick, ALONE, () => {
      const [item] = pick.selectedItems;
      if (item !== undefined && 'value' in item) return { value: item.value };
      if (item !== undefined) void read(() => pick.value !== '');
      return undefined;
    });
  } catch (error) {
    throw state.failure === undefined ? error : state.failure.error;
  } finally {
    state.isOpen = false;
    typing.dispose();
  }
}
