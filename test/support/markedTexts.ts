/** A language of marks, to find what is not translated: the words of a template are marked, and what fills it is not. */

export const marked = (template: string): string =>
  template
    .split(/(\{\w+\})/)
    .map((part) => (part === '' || /^\{\w+\}$/.test(part) ? part : `⟦${part}⟧`))
    .join('');

/** What is outside all marks. */
export const unmarked = (text: string): string => text.replaceAll(/⟦[^⟧]*⟧/g, ' ').trim();
