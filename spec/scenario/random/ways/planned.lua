--- The last run of the step does what a saved plan says.
return { draw = function(dice) return dice.chance(0.2) or nil end }
