namespace Dreamer.Hosting.Tests.Edge;

internal sealed class SchemaException(string message) : Exception(message);
