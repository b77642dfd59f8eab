--- Tags by ARN.
local base = require "sim.service.rds.base"
local tagging = require "sim.help.tagging"

local tag = {}

function tag.ListTagsForResource(ctx, input) return { TagList = base.by_arn(ctx, input.ResourceName)._tags } end

tag.AddTagsToResource, tag.RemoveTagsFromResource = tagging { at = "_tags",
  rule = { code = "InvalidParameterValue", reserved = { "aws:", "rds:" } },
  find = function(ctx, input) return base.by_arn(ctx, input.ResourceName) end,
  save = function(ctx, row, kind) base.save(ctx, kind, row) end }

return tag
