--- What a killed run left is met by a playbook that was edited meanwhile: the step ends without a run that
--- converges.
return { draw = function(dice, _, step, at) return #step.kills > 0 and at > 1 and dice.chance(0.3) or nil end }
