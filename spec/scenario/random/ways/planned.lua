--- The last run of the step does what a saved plan says.
return { draw = function(dice, _, _, _, setting) return not setting.stacks and dice.chance(0.2) or nil end }
