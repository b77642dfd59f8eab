--- Drift for people: as lines, and as a page of its own that needs nothing but a browser.
local change = require "cso.ui.change"
local show = require "cso.ui.show"
local value = require "cso.std.value"

local drift = {}

--- Drift as lines.
---@param report { stack: string, found: table[], orphans: table[], total: integer }
---@param paint cso.ui.Paint
---@return string
function drift.text(report, paint)
  local out = {}
  for _, d in ipairs(report.found) do
    out[#out + 1] = ("  %s %s  %s"):format(d.gone and paint.red("-") or paint.yellow("~"), paint.bold(d.address),
      d.gone and "is gone" or "was changed")
    for _, c in ipairs(d.changes) do change.lines(c, "      ", paint, out) end
  end
  if #report.found == 0 then
    out[#out + 1] = "No drift. The account is what was applied last."
  else
    out[#out + 1] = ""
    out[#out + 1] = ("%d of the stack's %d resources %s not what was applied."):format(#report.found, report.total,
      #report.found == 1 and "is" or "are")
    out[#out + 1] = "  csorun drift --repair ADDRESS[.PROPERTY]  makes it again what was applied (csorun apply: all of it)"
    out[#out + 1] = "  csorun drift --accept ADDRESS[.PROPERTY]  lets what is there count from now on"
  end
  if #report.orphans > 0 then
    out[#out + 1] = ""
    out[#out + 1] = "In the account with this stack's tags, but not in its state:"
    for _, o in ipairs(report.orphans) do
      out[#out + 1] = ("  ? %s %s%s"):format(o.type, o.id, o.address and ("  (%s)"):format(o.address) or "")
    end
  end
  return table.concat(out, "\n") .. "\n"
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function html(text)
  return (tostring(text):gsub("[&<>\"']", entities):gsub("[%z\1-\8\11-\31\127]", "\u{fffd}"))
end

local function shown(v, sensitive)
  if sensitive or value.is_secret(v) then return "<i>(sensitive)</i>" end
  if v == nil then return "<i>nothing</i>" end
  if type(v) == "table" and not show.scalar(v) then return html(show.inline(v) or table.concat(show.block(v), "\n")) end
  return html(show.inline(v) or tostring(v))
end

local STYLE = [[
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#5b6470;--line:#d5dae1;--old:#b42318;--new:#067647;--card:#f6f7f9}
@media (prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e6e8eb;--dim:#9aa4b2;--line:#30363f;--old:#ff8a7a;--new:#6ce0a4;--card:#1c2027}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2rem 1.25rem}h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}.dim{color:var(--dim)}article{border:1px solid var(--line);border-radius:8px;background:var(--card);
margin:1rem 0;padding:.75rem 1rem}article h3{font-size:1rem;margin:0;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.gone h3{color:var(--old)}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-top:1px solid var(--line)}th{font-weight:600;border-top:0}
td{font-family:ui-monospace,monospace;font-size:.86rem;white-space:pre-wrap;overflow-wrap:anywhere}.old{color:var(--new)}
.new{color:var(--old)}code{font:.86rem ui-monospace,monospace;overflow-wrap:anywhere}]]

local function article(d)
  local out = { ('<article%s><h3>%s</h3><p class="dim">%s, %s</p>'):format(d.gone and ' class="gone"' or "",
    html(d.address), html(d.type), html(d.id or "?")) }
  if d.gone then
    out[#out + 1] = ("<p>It is not there any more.</p><p class=\"dim\">To make it anew: <code>csorun drift --repair %s</code>"
      .. "<br>To do without it: take its declaration away</p>"):format(html(d.address))
  else
    out[#out + 1] = '<div class="wide"><table><thead><tr><th scope="col">Property</th><th scope="col">Applied</th>'
      .. '<th scope="col">There now</th></tr></thead><tbody>'
    for _, c in ipairs(d.changes) do
      out[#out + 1] = ('<tr><td>%s</td><td class="old">%s</td><td class="new">%s</td></tr>'):format(html(c.path),
        shown(c.before, c.sensitive), shown(c.after, c.sensitive))
    end
    out[#out + 1] = "</tbody></table></div>"
    out[#out + 1] = ("<p class=\"dim\">To undo it: <code>csorun drift --repair %s</code><br>To let it stay: "
      .. "<code>csorun drift --accept %s</code></p>"):format(html(d.address), html(d.address))
  end
  out[#out + 1] = "</article>"
  return table.concat(out, "\n")
end

--- Drift as a page: no script, nothing from elsewhere, light or dark as the reader's system is.
---@param report { stack: string, found: table[], orphans: table[], total: integer, region: string?, at: string? }
---@return string
function drift.page(report)
  local n = #report.found
  local out = { '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    ("<title>Drift of %s</title><style>%s</style></head><body><main>"):format(html(report.stack), STYLE),
    ("<h1>Drift of %s</h1>"):format(html(report.stack)),
    ('<p class="dim">%d resources%s%s</p>'):format(report.total, report.region and " in " .. html(report.region) or "",
      report.at and ", looked at " .. html(report.at) or ""),
    n == 0 and "<p>No drift. The account is what was applied last.</p>"
      or ("<p><b>%d</b> %s not what was applied.</p>"):format(n, n == 1 and "is" or "are") }
  for _, d in ipairs(report.found) do out[#out + 1] = article(d) end
  if #report.orphans > 0 then
    out[#out + 1] = "<h2>With this stack's tags, but not in its state</h2><div class=\"wide\"><table><thead><tr>"
      .. '<th scope="col">Type</th><th scope="col">Id</th><th scope="col">Address in its tags</th></tr></thead><tbody>'
    for _, o in ipairs(report.orphans) do
      out[#out + 1] = ("<tr><td>%s</td><td>%s</td><td>%s</td></tr>"):format(html(o.type), html(o.id), html(o.address or ""))
    end
    out[#out + 1] = "</tbody></table></div>"
  end
  out[#out + 1] = "</main></body></html>\n"
  return table.concat(out, "\n")
end

return drift
