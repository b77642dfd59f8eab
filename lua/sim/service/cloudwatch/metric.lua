--- Metrics: what was put can be listed and counted.
local json = require "cso.std.json"

local metric = {}

local function id_of(namespace, m)
  local dimensions = {}
  for i, d in ipairs(m.Dimensions or {}) do dimensions[i] = { d.Name, d.Value } end
  table.sort(dimensions, function(a, b) return a[1] < b[1] end)
  return json.encode { namespace, m.MetricName, json.array(dimensions) }
end

function metric.PutMetricData(ctx, input)
  if input.Namespace:match("^AWS/") then
    ctx:fail("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
  end
  for _, datum in ipairs(input.MetricData or {}) do
    local id = id_of(input.Namespace, datum)
    local row = ctx:table("~Metric"):get(id) or { Namespace = input.Namespace, MetricName = datum.MetricName,
      Dimensions = datum.Dimensions or {}, _points = {} }
    table.insert(row._points, { at = datum.Timestamp or ctx.now, value = datum.Value or 0, unit = datum.Unit or "None" })
    ctx:table("~Metric"):put(id, row)
  end
  return {}
end

function metric.ListMetrics(ctx, input)
  local list = ctx:table("~Metric"):list(function(row)
    if input.Namespace and row.Namespace ~= input.Namespace or input.MetricName and row.MetricName ~= input.MetricName then
      return false
    end
    for _, want in ipairs(input.Dimensions or {}) do
      local found
      for _, d in ipairs(row.Dimensions) do found = found or d.Name == want.Name and (not want.Value or d.Value == want.Value) end
      if not found then return false end
    end
    return true
  end)
  local page, token = ctx:page(list, input.NextToken, nil, 500, "InvalidParameterValue")
  return { Metrics = page, NextToken = token }
end

function metric.GetMetricStatistics(ctx, input)
  local row, buckets, list = ctx:table("~Metric"):get(id_of(input.Namespace, input)), {}, {}
  for _, p in ipairs(row and row._points or {}) do
    if p.at >= input.StartTime and p.at < input.EndTime then
      local at = math.floor(p.at / input.Period) * input.Period
      local b = buckets[at]
      if not b then
        b = { Timestamp = at, SampleCount = 0, Sum = 0, Minimum = p.value, Maximum = p.value, Unit = p.unit }
        buckets[at], list[#list + 1] = b, b
      end
      b.SampleCount, b.Sum = b.SampleCount + 1, b.Sum + p.value
      b.Minimum, b.Maximum = math.min(b.Minimum, p.value), math.max(b.Maximum, p.value)
    end
  end
  for _, b in ipairs(list) do b.Average = b.Sum / b.SampleCount end
  return { Label = input.MetricName, Datapoints = list }
end

return metric
