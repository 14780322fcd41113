/** What waits for a person in one folder, with what has been seen there; computed again when something differs. */
import type { AttentionItem } from '../../contract/attention';
import type { VillageStanding } from '../../contract/village';
import type { GateTier } from '../../kernel/gate/model';
import type { Clock } from '../../kernel/ports';
import type { PortfolioLinks } from '../portfolio/links';
import type { ProjectKernel } from '../projectKernel';
import { NOTHING_SEEN, type Sightings } from './agentCases';
import { attentionOf, type AttentionFacts } from './attentionOf';
import { look, type SeeingDeps } from './seeing';
import type { StuckLimits } from './stuck';

/** What is asked of a window, or of a lone program, about its folders. */
export interface FolderFacts {
  readonly clock: Clock;
  /** How strictly the folder's gates are judged. */
  tier(folder: string): GateTier;
  limits(folder: string): StuckLimits;
  readonly links: Pick<PortfolioLinks, 'upstreams'>;
  standing(folder: string): VillageStanding;
}

export function attentionIn(facts: FolderFacts, kernel: ProjectKernel, seen: Sightings): AttentionItem[] {
  const { folder, state } = kernel;
  const view: AttentionFacts = {
    state,
    standing: facts.standing(folder),
    gates: { tier: facts.tier(folder), upstreams: (run) => facts.links.upstreams(run) },
    agents: { nowMs: facts.clock.nowMs(), limits: facts.limits(folder), seen },
  };
  return isReadable(kernel) ? kernel.read((r) => attentionOf(r, folder, view)) : attentionOf(undefined, folder, view);
}

/** The same after a look at the agents at work. */
export async function attentionNow(facts: FolderFacts & SeeingDeps, kernel: ProjectKernel): Promise<AttentionItem[]> {
  const seen = isReadable(kernel) ? await look(facts, kernel, facts.limits(kernel.folder)) : NOTHING_SEEN;
  return attentionIn(facts, kernel, seen);
}

export function isReadable({ state }: ProjectKernel): boolean {
  return state.kind === 'ready' || state.kind === 'readOnly';
}
