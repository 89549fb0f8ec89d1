using System.Collections;

namespace Grpc.Core;

/// <summary>The headers or trailers of a call: an ordered list of entries, in which a key may occur more than once.</summary>
public sealed partial class Metadata : IList<Metadata.Entry>
{
    /// <summary>The ending that marks a key whose value is bytes.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries, and none can be added.</summary>
    public static readonly Metadata Empty = new Metadata().Freeze();

    private readonly List<Entry> _entries = [];
    private bool _frozen;

    /// <summary>Creates an empty list.</summary>
    public Metadata()
    {
    }

    /// <summary>Makes the list read-only: a change throws from now on.</summary>
    internal Metadata Freeze()
    {
        _frozen = true;
        return this;
    }

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public bool IsReadOnly => _frozen;

    /// <inheritdoc/>
    public Entry this[int index]
    {
        get => _entries[index];
        set => Writable()[index] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The last entry with this key, or null.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.Key == key);

    /// <summary>The text of the last entry with this key, or null.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry with this key, or null.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    /// <summary>Every entry with this key, in order.</summary>
    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.Key == key);

    /// <inheritdoc/>
    public void Add(Entry item) => Writable().Add(item ?? throw new ArgumentNullException(nameof(item)));

    /// <summary>Adds an entry with a text value.</summary>
    public void Add(string key, string value) => Add(new Entry(key, value));

    /// <summary>Adds an entry with a binary value; the key ends with <see cref="BinaryHeaderSuffix"/>.</summary>
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    /// <inheritdoc/>
    public void Insert(int index, Entry item) => Writable().Insert(index, item ?? throw new ArgumentNullException(nameof(item)));

    /// <inheritdoc/>
    public bool Remove(Entry item) => Writable().Remove(item);

    /// <inheritdoc/>
    public void RemoveAt(int index) => Writable().RemoveAt(index);

    /// <inheritdoc/>
    public void Clear() => Writable().Clear();

    /// <inheritdoc/>
    public bool Contains(Entry item) => _entries.Contains(item);

    /// <inheritdoc/>
    public int IndexOf(Entry item) => _entries.IndexOf(item);

    /// <inheritdoc/>
    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Entry> Writable() =>
        _frozen ? throw new InvalidOperationException("Object is read only") : _entries;
}
