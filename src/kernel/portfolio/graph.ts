/** Directed graphs of projects. Pure (`docs/design/portfolios.md#dependencies`). */
import type { DependencyEdge } from './model';

/** A path along the edges from one project to another, including both; undefined if there is none. */
export function findPath(edges: readonly DependencyEdge[], from: string, to: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const project of cameFrom.keys()) {
    if (project === to) return pathTo(cameFrom, to);
    for (const edge of edges) {
      if (edge.upstream === project && !cameFrom.has(edge.downstream)) cameFrom.set(edge.downstream, project);
    }
  }
  return undefined;
}

function pathTo(cameFrom: ReadonlyMap<string, string | undefined>, to: string): readonly string[] {
  const path: string[] = [];
  for (let project: string | undefined = to; project !== undefined; project = cameFrom.get(project)) path.push(project);
  return path.reverse();
}

/** A circle among the edges, with its first project repeated at the end; undefined if there is none. */
export function findCycle(edges: readonly DependencyEdge[]): readonly string[] | undefined {
  for (const edge of edges) {
    const back = findPath(edges, edge.downstream, edge.upstream);
    if (back !== undefined) return [edge.upstream, ...back];
  }
  return undefined;
}

/**
 * Kahn's order of the projects that occur in an edge: the free ones by name, then the projects that each of them frees,
 * by name. Projects on a circle, or downstream of one, are omitted.
 */
export function kahnOrder(edges: readonly DependencyEdge[]): readonly string[] {
  const waitingFor = new Map<string, number>();
  for (const { upstream, downstream } of edges) {
    waitingFor.set(upstream, waitingFor.get(upstream) ?? 0);
    waitingFor.set(downstream, (waitingFor.get(downstream) ?? 0) + 1);
  }
  const order = [...waitingFor].filter(([, count]) => count === 0).map(([project]) => project);
  order.sort(byBytes);
  for (const project of order) {
    const freed: string[] = [];
    for (const { downstream } of edges.filter((edge) => edge.upstream === project)) {
      const left = (waitingFor.get(downstream) ?? 0) - 1;
      waitingFor.set(downstream, left);
      if (left === 0) freed.push(downstream);
    }
    order.push(...freed.sort(byBytes));
  }
  return order;
}

/** Whether every project of the edges is in the order. */
export function isComplete(edges: readonly DependencyEdge[], order: readonly string[]): boolean {
  const sorted = new Set(order);
  return edges.every((edge) => sorted.has(edge.upstream) && sorted.has(edge.downstream));
}

/** The order of UTF-8 bytes, which equals that of code points; UTF-16 differs beyond the first plane. */
function byBytes(a: string, b: string): number {
  const left = Array.from(a, codePoint);
  const right = Array.from(b, codePoint);
  const at = left.findIndex((point, index) => point !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? -1) - (right[at] ?? -1);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? -1;
}
