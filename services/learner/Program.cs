Console.Error.WriteLine("learner is not written yet.");
return 1;
