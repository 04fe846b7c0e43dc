"""The API server. A request goes through `app`, `server`, `bodies`, a verb, and `answers`.

The packages, from the top down, import only what is further down: `verbs` | `weather`, `pods`, `access` | `openapi` |
`ownership` | `rules`, `kinds`, `patch` | `protocol` | `storage`, `schema` | `printing`.
"""
