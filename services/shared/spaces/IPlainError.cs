namespace Dreamer.Spaces;

/// <summary>An exception whose message is all that a person needs: a program prints it as one line, without a stack trace.</summary>
public interface IPlainError;
