Console.Error.WriteLine("actor is not written yet.");
return 1;
