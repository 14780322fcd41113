/**
 * Where a suggested rule takes effect in a person's list: the first rule that applies decides. A new rule goes before a
 * rule that asks for the same project, and never before one that denies or that holds for all projects. Pure.
 */
import { applies, textMatcher } from './decide';
import type { PermissionRule, ToolUse } from './model';
import { useOf, type RequestedTool } from './suggest';

export type RulePlace =
  /** After all others; no rule decides otherwise. */
  | { readonly kind: 'last' }
  /** Before the rule with this number, from 1. */
  | { readonly kind: 'before'; readonly number: number; readonly rule: PermissionRule }
  /** The rule with this number still decides. */
  | { readonly kind: 'none'; readonly number: number; readonly rule: PermissionRule };

/** @param added a rule that `suggest` made for this request, so it allows it and is limited to a project */
export function placeOf(rules: readonly PermissionRule[], added: PermissionRule, request: RequestedTool): RulePlace {
  const use = useOf(request, added.folder ?? '');
  const isPathKnown = request.paths.every(({ below }) => below !== undefined);
  const asks = (rule: PermissionRule): boolean => appliesTo(rule, use, isPathKnown);
  const first = rules.findIndex(asks);
  const decider = rules[first];
  if (decider === undefined || decider.then === 'allow') return { kind: 'last' };
  // From there on, the new rule decides before the others, also about requests that are not this one.
  const blocking = rules.findIndex((rule, index) => {
    if (index < first || rule.then === 'allow') return false;
    return asks(rule) ? !isOwn(rule, added) : mayOverlap(rule, added);
  });
  const rule = rules[blocking];
  if (rule !== undefined) return { kind: 'none', number: blocking + 1, rule };
  return { kind: 'before', number: first + 1, rule: decider };
}

/** The list with the new rule in its place, once. */
export function withRule(
  rules: readonly PermissionRule[],
  added: PermissionRule,
  place: Exclude<RulePlace, { readonly kind: 'none' }>,
): readonly PermissionRule[] {
  const text = JSON.stringify(added);
  const isSame = (rule: PermissionRule): boolean => JSON.stringify(rule) === text;
  if (place.kind === 'last') return rules.some(isSame) ? rules : [...rules, added];
  const at = place.number - 1;
  return [...rules.slice(0, at), added, ...rules.slice(at).filter((rule) => !isSame(rule))];
}

/** A rule that a person may put a rule of the same project before. */
function isOwn(rule: PermissionRule, added: PermissionRule): boolean {
  return rule.then === 'ask' && rule.folder === added.folder;
}

/** Where it is not known which paths below the worktree are meant, a rule that names paths counts as one that applies. */
function appliesTo(rule: PermissionRule, use: ToolUse, isPathKnown: boolean): boolean {
  if (isPathKnown || rule.then === 'allow') return applies(rule, use);
  const { path: _, ...others } = rule;
  return applies(others, use);
}

/** Whether both may apply to one request. In doubt, yes. */
function mayOverlap(rule: PermissionRule, added: PermissionRule): boolean {
  if (rule.folder !== undefined && rule.folder !== added.folder) return false;
  if (rule.tools !== undefined && added.tools?.some((tool) => rule.tools?.includes(tool)) === false) return false;
  if (rule.where === 'outside' && added.where === 'inside') return false;
  return textsMeet(rule.command, added.command) && textsMeet(rule.mcpTool, added.mcpTool);
}

/** Whether one text may match both patterns. A missing pattern matches all. */
function textsMeet(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  if (!one.includes('*')) return textMatcher(other)(one);
  if (!other.includes('*')) return textMatcher(one)(other);
  const [starts, others] = [startOf(one), startOf(other)];
  return starts.startsWith(others) || others.startsWith(starts);
}

function startOf(pattern: string): string {
  return pattern.slice(0, pattern.indexOf('*'));
}
