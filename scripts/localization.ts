/** The texts that can be translated: literals given to `l10n.t`, and the tables of sentences and labels. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { LIST_PROBLEMS, NOT_ADDABLE } from '../src/contract/agentList';
import { PERSON_WORDS } from '../src/contract/personWords';
import { POLICY_WORDS } from '../src/contract/permissions/policyWords';
import { ATTENTION, ATTENTION_ACTIONS } from '../src/contract/results/attention';
import { SENTENCES } from '../src/kernel/errors/errorSentences';
import { withPart } from '../src/kernel/errors/errors';
import { countsOf, fill, inNumber } from '../src/kernel/errors/reasons/fill';
import { REASONS } from '../src/kernel/errors/reasons/reasons';
import { STATE_SENTENCES } from '../src/kernel/errors/stateSentences';
import { STORED_REASONS } from '../src/kernel/errors/reasons/storedReasons';
import { NOT_FOUND_SUBJECTS, STALE_SUBJECTS, STATE_SUBJECTS } from '../src/kernel/errors/subjects';
import { STAGE_SPECS } from '../src/kernel/tasks/stage/stages';
import { AGENT_PROGRAMS } from '../src/services/agents/programs';
import { FINDING_REASONS } from '../src/services/doctor/findingReasons';
import { FINDINGS, type FindingWords } from '../src/services/doctor/findings';
import { REPORT_WORDS } from '../src/services/doctor/report';
import { inProject } from '../tools/project';

const STAGES = Object.values(STAGE_SPECS).map(({ label }) => label);
const CODES = Object.keys(REASONS) as (keyof typeof REASONS)[];

function clausesOf(code: keyof typeof REASONS): readonly string[] {
  return REASONS[code];
}

/** The base bundle of l10n/, which translators copy: every text stands for itself. */
export function localizationBundle(): Record<string, string> {
  const { NOT_FOUND, STALE, TASK_STATE, ...others } = SENTENCES;
  const sentences = [
    ...[...Object.values(others), ...Object.values(STATE_SENTENCES)],
    ...NOT_FOUND_SUBJECTS.map((what) => withPart(NOT_FOUND, 'what', what)),
    ...STALE_SUBJECTS.map((what) => withPart(STALE, 'what', what)),
    ...CODES.flatMap((code) => clausesOf(code).map((clause) => withPart(SENTENCES[code], 'problem', clause))),
    ...STATE_SUBJECTS.map((what) => withPart(TASK_STATE, 'what', what)),
  ].flatMap(({ text, hint }) => [text, hint]);
  const waiting = Object.values(ATTENTION).flatMap(({ heading, reason }) => [heading, reason]);
  const actions = Object.values(ATTENTION_ACTIONS).map(({ label }) => label);
  const texts = [
    ...sourceFiles('src/views'),
    ...sourceFiles('src/window'),
    ...sourceFiles('src/commands'),
    inProject('src/extension.ts'),
  ]
    .flatMap(localizedIn)
    .concat(
      sentences,
      waiting,
      actions,
      Object.values(PERSON_WORDS),
      Object.values(POLICY_WORDS),
      Object.values(NOT_ADDABLE),
      Object.values(LIST_PROBLEMS),
      STORED_REASONS,
      STAGES,
      remedies(),
      doctorsTexts(),
    );
  const all = new Set(texts.flatMap((text) => [text, ...singularsOf(text)]));
  return Object.fromEntries([...all].sort().map((text) => [text, text]));
}

/** The text that is shown where its count is 1. */
function singularsOf(text: string): readonly string[] {
  return countsOf(text).map((name) => inNumber(text, { [name]: 1 }));
}

/** What helps after a failure of an agent's program, which is stored with the failure. */
export function remedies(): string[] {
  return Object.values(AGENT_PROGRAMS).flatMap(({ failures }) => failures.flatMap(({ remedy }) => remedy ?? []));
}

function doctorsTexts(): string[] {
  const findings: readonly FindingWords[] = Object.values(FINDINGS);
  const reasons = Object.entries(FINDING_REASONS).flatMap(([code, clauses]) => {
    const { saw, why, remedy } = FINDINGS[code as keyof typeof FINDING_REASONS];
    const filled = [saw, why, remedy].filter((text) => text.includes('{problem}'));
    return filled.flatMap((text) => clauses.map((problem) => fill(text, { problem })));
  });
  return [
    ...reasons,
    ...findings.flatMap(({ saw, why, remedy }) => [saw, why ?? saw, remedy ?? saw]),
    ...Object.values(REPORT_WORDS),
  ];
}

function sourceFiles(folder: string): string[] {
  const entries = readdirSync(inProject(folder), { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile() && e.name.endsWith('.ts')).map((e) => path.join(e.parentPath, e.name));
}

/** The texts in calls of `l10n.t` and `inWords`; ones that are no literal (failures' sentences) are listed elsewhere. */
function localizedIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText(source);
      const [text] = called === 'inWords' ? node.arguments.slice(1) : node.arguments;
      const isText = called === 'inWords' || /\bl10n\.t$/.test(called);
      if (isText && text !== undefined && ts.isStringLiteralLike(text)) found.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
