Console.Error.WriteLine("replay is not written yet.");
return 1;
