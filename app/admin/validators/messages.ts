import { SimpleMessagesProvider } from '@vinejs/vine'

/** What a form says about a field, in one voice. */
export const messagesProvider = new SimpleMessagesProvider({
  'required': 'Fill this in.',
  'minLength': 'Fill this in.',
  'maxLength': 'At most {{ max }} characters.',
  'number': 'Write a whole number.',
  'withoutDecimals': 'Write a whole number.',
  'range': 'From {{ min }} to {{ max }}.',
  'enum': 'Choose one of the list.',
  'scopes.required': 'Choose at least one.',
  'scopes.array.minLength': 'Choose at least one.',
})

interface FieldError {
  field: string
  message: string
}

/** The first message of each field. */
export function messagesByField(error: { messages: FieldError[] }): Record<string, string> {
  const byField: Record<string, string> = {}
  for (const { field, message } of error.messages) byField[field.split('.')[0]] ??= message
  return byField
}
