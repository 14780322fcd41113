/** Requests of agents, as every command of `ic` shows them: with the command that answers, and the fields of a form. */
import type { FormField, OpenRequest } from '../../contract/sessions';
import { shellWord } from '../../kernel/text/shellWord';
import { oneLine } from './oneLine';
import { present, type JsonValue } from './output';

export function answerTo(dispatchId: string, request: OpenRequest): string {
  const { number } = request;
  if (request.kind === 'question') return formAnswer(dispatchId, number, request.fields);
  return request.mayAllow ? allowance(dispatchId, number) : `ic dispatch answer ${dispatchId} ${number} deny`;
}

export function allowance(dispatchId: string, number: number): string {
  return `ic dispatch answer ${dispatchId} ${number} allow`;
}

/** With an example of each required value. */
export function formAnswer(dispatchId: string, number: number, fields: readonly FormField[]): string {
  const values = Object.fromEntries(
    fields.filter(({ isRequired }) => isRequired).map((field) => [field.name, exampleOf(field)]),
  );
  return `ic dispatch answer ${dispatchId} ${number} accept --values=${shellWord(JSON.stringify(values))}`;
}

const VALUE_WORDS = {
  text: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  choice: 'one of',
  choices: 'any of',
} as const satisfies Readonly<Record<FormField['kind'], string>>;

/** The name of the field, its title, whether it is required, and its values, in one line. */
export function fieldWords({ name, title, description, kind, choices, isRequired }: FormField): string {
  const named = (choices ?? []).map((choice) =>
    choice.title === choice.value ? choice.value : `${choice.value} (${choice.title})`,
  );
  const values = named.length === 0 ? VALUE_WORDS[kind] : `${VALUE_WORDS[kind]}: ${named.join(', ')}`;
  const explained = description === undefined || description === title ? title : `${title}. ${description}`;
  return oneLine(`${name} (${isRequired ? 'required' : 'optional'}, ${values}): ${explained}`);
}

export function fieldJson({ name, title, description, kind, choices, isRequired }: FormField): JsonValue {
  return present({ name, title, description, kind, choices, required: isRequired });
}

function exampleOf({ kind, choices }: FormField): JsonValue {
  const first = choices?.[0]?.value;
  switch (kind) {
    case 'text':
      return 'TEXT';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'choice':
      return first ?? 'TEXT';
    case 'choices':
      return first === undefined ? [] : [first];
  }
}
