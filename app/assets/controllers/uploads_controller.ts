import type { HttpContext, HttpRequest } from '@adonisjs/core/http'
import { createAsset } from '#app/assets/actions/create_asset'
import { fillUploadSlot, sizeMismatch } from '#app/assets/actions/fill_upload_slot'
import { promiseUpload } from '#app/assets/actions/promise_upload'
import { refuse } from '#app/assets/file_refusal'
import { receiveBody, receivePart } from '#app/assets/incoming_file'
import { declaration } from '#app/assets/inspect_file'
import { presentAsset, presentPromise } from '#app/assets/presenters'
import { bodyInvalid, fileMissing, refusalProblem, urlProblem } from '#app/assets/problems'
import { readSlot } from '#app/assets/upload_slot'
import { readUploadSlotRequest } from '#app/assets/validators/upload_slot_request'
import assets from '#config/assets'
import type { Caller } from '#app/identity/caller'

export default class UploadsController {
  /** With a file: keeps it. With its type and size: answers where to send it. */
  async store({ request, response, caller }: HttpContext) {
    if (request.bodyType === 'multipart') return response.created(await keep(request, caller))
    if (request.bodyType === 'json') return response.created(promise(request, caller))
    throw bodyInvalid()
  }

  /** The bytes of a promised file. Needs no key: the URL is the right. */
  async update({ request, response, params }: HttpContext) {
    const read = readSlot(params.id, new URLSearchParams(request.parsedUrl.query ?? ''))
    if (read.verdict !== 'valid')
      throw urlProblem(read.verdict, 'POST /v1/uploads gives a new one.')
    const { slot } = read
    const declared = declaration(request.header('content-type'))
    if (declared && declared !== slot.contentType) {
      throw refusalProblem(refuse.typeMismatch(slot.contentType, declared))
    }
    const received = await receiveBody(request, slot.bytes)
    if (!received.ok) throw refusalProblem(sizeMismatch(slot.bytes, 'more'))
    try {
      const filled = await fillUploadSlot(slot, received.file)
      if (!filled.ok) throw refusalProblem(filled.refusal)
      return response.ok(presentAsset(filled.asset))
    } finally {
      await received.file.remove()
    }
  }
}

async function keep(request: HttpRequest, caller: Caller) {
  const { maxBytes } = assets.accepted
  const received = await receivePart(request, { field: 'file', maxBytes })
  if (!received.ok) {
    throw received.reason === 'missing'
      ? fileMissing()
      : refusalProblem(refuse.tooLarge(maxBytes), '/file')
  }
  try {
    const created = await createAsset({
      accountId: caller.orgId,
      createdBy: caller.actor,
      content: received.file,
      source: 'upload',
      declaredType: received.declaredType,
    })
    if (!created.ok) throw refusalProblem(created.refusal, '/file')
    return presentAsset(created.asset)
  } finally {
    await received.file.remove()
  }
}

function promise(request: HttpRequest, caller: Caller) {
  const wanted = readUploadSlotRequest(request.body())
  const result = promiseUpload({ ...wanted, accountId: caller.orgId, createdBy: caller.actor })
  if (result.ok) return presentPromise(result.promised)
  throw refusalProblem(result.refusal, result.field === 'bytes' ? '/bytes' : '/content_type')
}
