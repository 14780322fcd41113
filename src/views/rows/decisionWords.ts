/** Who or which rule decided what about a request of an agent, in words. */
import { personWords } from '../../contract/personWords';
import type { Decider } from '../../contract/transcript';
import { headline } from './format';
import type { Localizer } from './localizer';

/** `answer`: null while the request is open. One that is unknown is shown as it is. */
export function decisionWords(
  l10n: Localizer,
  { answer, by, name }: { readonly answer: string | null; readonly by: Decider['kind']; readonly name: string },
): string {
  const decider = deciderWords(l10n, by, name);
  switch (answer) {
    case null:
      return l10n.t('not answered yet');
    case 'allow':
      return l10n.t('allowed by {0}', decider);
    case 'deny':
      return l10n.t('denied by {0}', decider);
    case 'accept':
      return l10n.t('answered by {0}', decider);
    case 'decline':
      return l10n.t('declined by {0}', decider);
    case 'cancelled':
      return l10n.t('canceled with the turn');
    default:
      return headline(answer);
  }
}

function deciderWords(l10n: Localizer, by: Decider['kind'], name: string): string {
  switch (by) {
    case 'rule':
      return l10n.t('rule {0}', name);
    case 'policy':
      return l10n.t('policy {0}', name);
    case 'person':
    case 'turn':
      return headline(personWords(name, (words) => l10n.t(words)));
  }
}
