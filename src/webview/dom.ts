/** Making elements. Text is only ever set as text, so nothing that a project is called can become markup. */

const SVG = 'http://www.w3.org/2000/svg';

/** An element of the page that the extension wrote. Throws where it is missing: the page is not ours then. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no part ${id}.`);
  return found;
}

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...contents: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, contents);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
  ...contents: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, contents);
}

function filled<E extends Element>(
  element: E,
  attributes: Readonly<Record<string, string | number>>,
  contents: readonly (Node | string)[],
): E {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...contents);
  return element;
}
