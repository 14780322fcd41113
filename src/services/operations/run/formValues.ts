/** Checks the values of a form against the fields that the agent described. */
import type { FormValues } from '../../../contract/operations/sessions';
import type { FormField } from '../../../contract/sessions';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';

/** Why the agent cannot use the values; undefined for good ones. */
export function formProblem(fields: readonly FormField[], values: FormValues): Problem<'INVALID_ARGUMENT'> | undefined {
  const unknown = Object.keys(values).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) return because('the form has no field {field}', { field: unknown });
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined && !field.isRequired) continue;
    if (value === undefined) return because('the field {field} is required', { field: field.name });
    if (!fits(field, value)) return misfit(field);
  }
  return undefined;
}

function fits({ kind, choices = [] }: FormField, value: FormValues[string]): boolean {
  const isChoice = (text: string): boolean => choices.some((choice) => choice.value === text);
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && isChoice(value);
    case 'choices':
      return Array.isArray(value) && value.every(isChoice);
  }
}

function misfit({ name: field, kind, choices: all = [] }: FormField): Problem<'INVALID_ARGUMENT'> {
  const choices = all.map(({ value }) => value).join(', ');
  switch (kind) {
    case 'text':
      return because('the field {field} must be a text', { field });
    case 'number':
      return because('the field {field} must be a number', { field });
    case 'integer':
      return because('the field {field} must be a whole number', { field });
    case 'boolean':
      return because('the field {field} must be true or false', { field });
    case 'choice':
      return because('the field {field} must be one of {choices}', { field, choices });
    case 'choices':
      return because('the field {field} must be a list of {choices}', { field, choices });
  }
}
