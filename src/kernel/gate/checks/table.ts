/**
 * All checks by name, as they are stored in evidence. A new check is a file next to this one, a row here, and its
 * texts.
 */
import { agentsComplete } from './agentsComplete';
import { artifactExists } from './artifactExists';
import type { Check, Question, Verdict } from './check';
import { childrenAtPhase } from './childrenAtPhase';
import { planAccepted } from './planAccepted';
import { subtasksMerged } from './subtasksMerged';
import { upstreamsAtPhase } from './upstreamsAtPhase';
import { verdictExists } from './verdictExists';

type JoinedCheck = (question: Question, phase: string) => Verdict;

function joined<Facts>({ read, judge }: Check<Facts>): JoinedCheck {
  return (question, phase) => judge(read(question, phase), phase);
}

const CHECKS = {
  artifact_exists: joined(artifactExists),
  agents_complete: joined(agentsComplete),
  verdict_exists: joined(verdictExists),
  children_at_phase: joined(childrenAtPhase),
  upstreams_at_phase: joined(upstreamsAtPhase),
  plan_accepted: joined(planAccepted),
  subtasks_merged: joined(subtasksMerged),
};
export type GateCheck = keyof typeof CHECKS;
/** The same with any of its names. */
export const GATE_CHECKS: Readonly<Record<GateCheck, JoinedCheck>> = CHECKS;
