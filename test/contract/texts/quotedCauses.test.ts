/** A failure that quotes its cause: one sentence, with the cause at its end, and without the hint of the cause. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { localizationBundle } from '../../../scripts/localization';
import { SENTENCES } from '../../../src/kernel/errors/errorSentences';
import { KernelError, problemOf } from '../../../src/kernel/errors/errors';
import { fill } from '../../../src/kernel/errors/reasons/fill';
import { inProject } from '../../../tools/project';

/** Texts in which the name is a count, or what an agent said. */
const NO_QUOTES = ['Problems: {problem}. Warnings: {warning}. Notes: {info}. Passed: {ok}.'];
const SAID = /^\{said\} \(/;

const german = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(inProject('l10n/bundle.l10n.de.json'), 'utf8')));
const texts = Object.keys(localizationBundle()).filter((text) => !NO_QUOTES.includes(text) && !SAID.test(text));
const QUOTE = /\{(problem|said)\}/;

/** Whether the quoted cause ends a sentence, or is a sentence between two others. */
const isAtEnd = (text: string): boolean =>
  /^[^]*\{(?:problem|said)\}(?:\.(?:\s[^]*)?)?$/.test(text) || /\. \{(?:problem|said)\} /.test(text);

describe('a failure that quotes its cause', () => {
  const quoting = texts.filter((text) => QUOTE.test(text));

  it('has it at the end of a sentence, or as a sentence of its own', () => {
    assert.ok(quoting.length > 40);
    assert.deepEqual(
      quoting.filter((text) => !isAtEnd(text)),
      [],
    );
  });

  it('has it there in German, too', () => {
    assert.deepEqual(
      quoting.map((text) => german[text] ?? '').filter((text) => !isAtEnd(text)),
      [],
    );
  });

  it('ends once, and leaves out the hint of the cause', () => {
    const cause = new KernelError('GIT_MISSING', {});
    assert.match(cause.message, /\.$/);
    for (const text of quoting) {
      const quoted = fill(text, { problem: problemOf(cause), said: problemOf(cause) });
      assert.doesNotMatch(quoted, /[.!?…]\s*[.,;)]/, quoted);
      assert.ok(!quoted.includes(cause.hint), quoted);
    }
  });

  it('has a hint of its own', () => {
    const codes = Object.entries(SENTENCES).filter(([, { text }]) => QUOTE.test(text));
    assert.deepEqual(
      codes.filter(([, { hint }]) => hint === '').map(([code]) => code),
      [],
    );
  });
});
