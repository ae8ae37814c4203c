import type { ParameterSchema } from '#core/plugins/define_plugin'
import type { InputProblem } from '#app/generations/actions/price_input'

/** Something that is wrong with a form, beside the field it belongs to, in the form's own words. */
export interface FieldProblem {
  /** `null` where it is not about one field. */
  field: string | null
  message: string
  /** Nobody has filled it in yet. */
  missing: boolean
}

export function fieldProblem(
  { code, param, message }: InputProblem,
  parameters?: ParameterSchema
): FieldProblem {
  const field = param.startsWith('/input/') ? param.split('/')[2] : null
  const label = field && parameters?.properties[field]?.title
  return {
    field,
    message: label ? message.replace(`"${field}"`, String(label)) : message,
    missing: code === 'missing_field',
  }
}
