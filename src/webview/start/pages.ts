/** Starts the page that the extension wrote: one of those whose scripts are in one file. */
import { startGraph } from '../graph/graph';
import { startTimeline } from '../timeline/timeline';
import { startTranscript } from '../transcript/transcript';

const STARTS: ReadonlyMap<string, () => void> = new Map([
  ['graph', startGraph],
  ['timeline', startTimeline],
  ['transcript', startTranscript],
]);

STARTS.get(document.body.dataset['page'] ?? '')?.();
