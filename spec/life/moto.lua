--- Lives that moto cannot live although AWS can, by name, each with what it lacks.
return {}
