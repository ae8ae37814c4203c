import edgeLimits from '#config/edge_limits'
import streams from '#config/streams'

/** Imported before the application, for its effect: one key may have an audience of thousands. */
Object.assign(streams, { perHolder: 100_000, perOrganisation: 100_000 })
Object.assign(edgeLimits.streams, { requests: 1_000_000 })
