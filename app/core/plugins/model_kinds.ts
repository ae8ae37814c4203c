/** What a model does, seen by who looks for one. */
export const MODEL_KINDS = ['image', 'edit', 'upscale', 'video', 'audio', 'vector'] as const
export type ModelKind = (typeof MODEL_KINDS)[number]
