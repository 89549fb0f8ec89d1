Console.Error.WriteLine("dreamer is not written yet.");
return 1;
