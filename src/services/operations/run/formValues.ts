/** Checks the values of a form against the fields that the agent described. */
import type { FormValues } from '../../../contract/operations/sessions';
import type { FormField } from '../../../contract/sessions';

/** Why the agent cannot use the values; undefined for good ones. */
export function formProblem(fields: readonly FormField[], values: FormValues): string | undefined {
  const unknown = Object.keys(values).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) return `the form has no field ${unknown}`;
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined && !field.isRequired) continue;
    if (value === undefined) return `the field ${field.name} is required`;
    if (!fits(field, value)) return `the field ${field.name} must be ${wanted(field)}`;
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

function wanted({ kind, choices = [] }: FormField): string {
  const names = choices.map(({ value }) => value).join(', ');
  switch (kind) {
    case 'text':
      return 'a text';
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${names}`;
    case 'choices':
      return `a list of ${names}`;
  }
}
