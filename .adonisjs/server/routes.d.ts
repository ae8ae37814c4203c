import '@adonisjs/core/types/http'

type ParamValue = string | number | bigint | boolean

export type ScannedRoutes = {
  ALL: {
    'health.live': { paramsTuple?: []; params?: {} }
    'health.ready': { paramsTuple?: []; params?: {} }
    'provider_callbacks.store': { paramsTuple: [ParamValue,ParamValue,ParamValue,ParamValue]; params: {'provider': ParamValue,'account': ParamValue,'job': ParamValue,'token': ParamValue} }
    'generations.store': { paramsTuple?: []; params?: {} }
    'cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'quotes.store': { paramsTuple?: []; params?: {} }
    'generations.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'generations.index': { paramsTuple?: []; params?: {} }
    'generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'receipts.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'refusals.index': { paramsTuple?: []; params?: {} }
    'refusals.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'quotes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'models.index': { paramsTuple?: []; params?: {} }
    'models.show': { paramsTuple: [ParamValue,ParamValue]; params: {'provider': ParamValue,'model': ParamValue} }
    'events.index': { paramsTuple?: []; params?: {} }
    'events.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'balances.show': { paramsTuple?: []; params?: {} }
    'entries.index': { paramsTuple?: []; params?: {} }
    'usage.index': { paramsTuple?: []; params?: {} }
    'limits.index': { paramsTuple?: []; params?: {} }
    'holds.store': { paramsTuple?: []; params?: {} }
    'settlements.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'releases.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'holds.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'uploads.store': { paramsTuple?: []; params?: {} }
    'uploads.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'assets.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'contents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'files.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'sha256': ParamValue} }
    'sessions.create': { paramsTuple?: []; params?: {} }
    'sessions.store': { paramsTuple?: []; params?: {} }
    'sessions.destroy': { paramsTuple?: []; params?: {} }
    'endpoints.store': { paramsTuple?: []; params?: {} }
    'endpoints.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'endpoints.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'activations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'activations.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'secrets.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'test_events.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'replays.store_many': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'replays.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'webhook_secret': { paramsTuple?: []; params?: {} }
    'endpoints.index': { paramsTuple?: []; params?: {} }
    'endpoints.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'deliveries.index': { paramsTuple?: []; params?: {} }
    'deliveries.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'batches.store': { paramsTuple?: []; params?: {} }
    'batches.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'batches.index': { paramsTuple?: []; params?: {} }
    'batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'items.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'vendor_files.show': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'admin.overviews.show': { paramsTuple?: []; params?: {} }
    'admin.trials.create': { paramsTuple?: []; params?: {} }
    'admin.trials.store': { paramsTuple?: []; params?: {} }
    'admin.prices.store': { paramsTuple?: []; params?: {} }
    'admin.uploads.store': { paramsTuple?: []; params?: {} }
    'admin.generations.index': { paramsTuple?: []; params?: {} }
    'admin.generation_exports.show': { paramsTuple?: []; params?: {} }
    'admin.generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refunds.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refunds.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.thumbnails.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'asset': ParamValue} }
    'admin.batches.index': { paramsTuple?: []; params?: {} }
    'admin.batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.batch_cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.organisations.index': { paramsTuple?: []; params?: {} }
    'admin.organisations.store': { paramsTuple?: []; params?: {} }
    'admin.organisations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.grants.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.grants.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.corrections.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.corrections.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.budgets.index': { paramsTuple?: []; params?: {} }
    'admin.budgets.store': { paramsTuple?: []; params?: {} }
    'admin.budgets.destroy': { paramsTuple?: []; params?: {} }
    'admin.refusals.index': { paramsTuple?: []; params?: {} }
    'admin.refusals.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'id': ParamValue} }
    'admin.queues.show': { paramsTuple?: []; params?: {} }
    'admin.redrives.store': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'id': ParamValue} }
    'admin.notices.index': { paramsTuple?: []; params?: {} }
    'admin.notices.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.plan_changes.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.test_accounts.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.clocks.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refills.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.api_keys.index': { paramsTuple?: []; params?: {} }
    'admin.api_keys.store': { paramsTuple?: []; params?: {} }
    'admin.revocations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhooks.index': { paramsTuple?: []; params?: {} }
    'admin.webhooks.store': { paramsTuple?: []; params?: {} }
    'admin.webhooks.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhooks.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhooks.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.enable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.disable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.rotate': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.test': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'delivery': ParamValue} }
    'admin.webhook_deliveries.update': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'delivery': ParamValue} }
    'admin.models.index': { paramsTuple?: []; params?: {} }
    'admin.suspension_lifts.store': { paramsTuple?: []; params?: {} }
    'admin.circuit_closings.store': { paramsTuple?: []; params?: {} }
    'admin.price_books.show': { paramsTuple?: []; params?: {} }
    'admin.price_books.store': { paramsTuple?: []; params?: {} }
    'tasks.store': { paramsTuple: [ParamValue]; params: {'job': ParamValue} }
    'event_stream': { paramsTuple?: []; params?: {} }
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
  }
  GET: {
    'health.live': { paramsTuple?: []; params?: {} }
    'health.ready': { paramsTuple?: []; params?: {} }
    'generations.index': { paramsTuple?: []; params?: {} }
    'generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'receipts.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'refusals.index': { paramsTuple?: []; params?: {} }
    'refusals.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'quotes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'models.index': { paramsTuple?: []; params?: {} }
    'models.show': { paramsTuple: [ParamValue,ParamValue]; params: {'provider': ParamValue,'model': ParamValue} }
    'events.index': { paramsTuple?: []; params?: {} }
    'events.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'balances.show': { paramsTuple?: []; params?: {} }
    'entries.index': { paramsTuple?: []; params?: {} }
    'usage.index': { paramsTuple?: []; params?: {} }
    'limits.index': { paramsTuple?: []; params?: {} }
    'holds.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'assets.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'contents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'files.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'sha256': ParamValue} }
    'sessions.create': { paramsTuple?: []; params?: {} }
    'endpoints.index': { paramsTuple?: []; params?: {} }
    'endpoints.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'deliveries.index': { paramsTuple?: []; params?: {} }
    'deliveries.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'batches.index': { paramsTuple?: []; params?: {} }
    'batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'items.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'vendor_files.show': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'admin.overviews.show': { paramsTuple?: []; params?: {} }
    'admin.trials.create': { paramsTuple?: []; params?: {} }
    'admin.generations.index': { paramsTuple?: []; params?: {} }
    'admin.generation_exports.show': { paramsTuple?: []; params?: {} }
    'admin.generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refunds.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.thumbnails.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'asset': ParamValue} }
    'admin.batches.index': { paramsTuple?: []; params?: {} }
    'admin.batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.organisations.index': { paramsTuple?: []; params?: {} }
    'admin.organisations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.grants.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.corrections.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.budgets.index': { paramsTuple?: []; params?: {} }
    'admin.refusals.index': { paramsTuple?: []; params?: {} }
    'admin.refusals.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'id': ParamValue} }
    'admin.queues.show': { paramsTuple?: []; params?: {} }
    'admin.notices.index': { paramsTuple?: []; params?: {} }
    'admin.api_keys.index': { paramsTuple?: []; params?: {} }
    'admin.webhooks.index': { paramsTuple?: []; params?: {} }
    'admin.webhooks.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'delivery': ParamValue} }
    'admin.models.index': { paramsTuple?: []; params?: {} }
    'admin.price_books.show': { paramsTuple?: []; params?: {} }
    'event_stream': { paramsTuple?: []; params?: {} }
  }
  HEAD: {
    'health.live': { paramsTuple?: []; params?: {} }
    'health.ready': { paramsTuple?: []; params?: {} }
    'generations.index': { paramsTuple?: []; params?: {} }
    'generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'receipts.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'refusals.index': { paramsTuple?: []; params?: {} }
    'refusals.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'quotes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'models.index': { paramsTuple?: []; params?: {} }
    'models.show': { paramsTuple: [ParamValue,ParamValue]; params: {'provider': ParamValue,'model': ParamValue} }
    'events.index': { paramsTuple?: []; params?: {} }
    'events.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'balances.show': { paramsTuple?: []; params?: {} }
    'entries.index': { paramsTuple?: []; params?: {} }
    'usage.index': { paramsTuple?: []; params?: {} }
    'limits.index': { paramsTuple?: []; params?: {} }
    'holds.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'assets.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'contents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'files.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'sha256': ParamValue} }
    'sessions.create': { paramsTuple?: []; params?: {} }
    'endpoints.index': { paramsTuple?: []; params?: {} }
    'endpoints.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'deliveries.index': { paramsTuple?: []; params?: {} }
    'deliveries.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'batches.index': { paramsTuple?: []; params?: {} }
    'batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'items.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'vendor_files.show': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'admin.overviews.show': { paramsTuple?: []; params?: {} }
    'admin.trials.create': { paramsTuple?: []; params?: {} }
    'admin.generations.index': { paramsTuple?: []; params?: {} }
    'admin.generation_exports.show': { paramsTuple?: []; params?: {} }
    'admin.generations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refunds.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.thumbnails.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'asset': ParamValue} }
    'admin.batches.index': { paramsTuple?: []; params?: {} }
    'admin.batches.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.organisations.index': { paramsTuple?: []; params?: {} }
    'admin.organisations.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.grants.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.corrections.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.budgets.index': { paramsTuple?: []; params?: {} }
    'admin.refusals.index': { paramsTuple?: []; params?: {} }
    'admin.refusals.show': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'id': ParamValue} }
    'admin.queues.show': { paramsTuple?: []; params?: {} }
    'admin.notices.index': { paramsTuple?: []; params?: {} }
    'admin.api_keys.index': { paramsTuple?: []; params?: {} }
    'admin.webhooks.index': { paramsTuple?: []; params?: {} }
    'admin.webhooks.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'delivery': ParamValue} }
    'admin.models.index': { paramsTuple?: []; params?: {} }
    'admin.price_books.show': { paramsTuple?: []; params?: {} }
    'event_stream': { paramsTuple?: []; params?: {} }
  }
  POST: {
    'provider_callbacks.store': { paramsTuple: [ParamValue,ParamValue,ParamValue,ParamValue]; params: {'provider': ParamValue,'account': ParamValue,'job': ParamValue,'token': ParamValue} }
    'generations.store': { paramsTuple?: []; params?: {} }
    'cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'quotes.store': { paramsTuple?: []; params?: {} }
    'holds.store': { paramsTuple?: []; params?: {} }
    'settlements.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'releases.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'uploads.store': { paramsTuple?: []; params?: {} }
    'sessions.store': { paramsTuple?: []; params?: {} }
    'sessions.destroy': { paramsTuple?: []; params?: {} }
    'endpoints.store': { paramsTuple?: []; params?: {} }
    'activations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'activations.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'secrets.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'test_events.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'replays.store_many': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'replays.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'webhook_secret': { paramsTuple?: []; params?: {} }
    'batches.store': { paramsTuple?: []; params?: {} }
    'batches.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.trials.store': { paramsTuple?: []; params?: {} }
    'admin.prices.store': { paramsTuple?: []; params?: {} }
    'admin.uploads.store': { paramsTuple?: []; params?: {} }
    'admin.cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refunds.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.batch_cancellations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.organisations.store': { paramsTuple?: []; params?: {} }
    'admin.grants.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.corrections.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.limits.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.budgets.store': { paramsTuple?: []; params?: {} }
    'admin.budgets.destroy': { paramsTuple?: []; params?: {} }
    'admin.redrives.store': { paramsTuple: [ParamValue,ParamValue]; params: {'org': ParamValue,'id': ParamValue} }
    'admin.notices.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.plan_changes.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.test_accounts.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.clocks.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.refills.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.api_keys.store': { paramsTuple?: []; params?: {} }
    'admin.revocations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhooks.store': { paramsTuple?: []; params?: {} }
    'admin.webhooks.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhooks.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.enable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.disable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.rotate': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_switches.test': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'admin.webhook_deliveries.update': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'delivery': ParamValue} }
    'admin.suspension_lifts.store': { paramsTuple?: []; params?: {} }
    'admin.circuit_closings.store': { paramsTuple?: []; params?: {} }
    'admin.price_books.store': { paramsTuple?: []; params?: {} }
    'tasks.store': { paramsTuple: [ParamValue]; params: {'job': ParamValue} }
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
  }
  DELETE: {
    'generations.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'endpoints.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
  PUT: {
    'uploads.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
  PATCH: {
    'endpoints.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
}
declare module '@adonisjs/core/types/http' {
  export interface RoutesList extends ScannedRoutes {}
}