namespace Dreamer.Reporting;

/// <summary>GIF's variable-width LZW over 8-bit indices.</summary>
internal static class GifLzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int MaxCodes = 4096;

    public static void Write(Stream output, ReadOnlySpan<byte> indices)
    {
        output.WriteByte(8);
        var bits = new BitWriter(output);
        var codes = new Dictionary<int, int>();
        var (next, width) = (End + 1, 9);
        bits.Write(Clear, width);
        var prefix = (int)indices[0];
        foreach (var index in indices[1..])
        {
            var key = (prefix << 8) | index;
            if (codes.TryGetValue(key, out var code))
            {
                prefix = code;
                continue;
            }

            bits.Write(prefix, width);
            prefix = index;
            if (next == MaxCodes)
            {
                bits.Write(Clear, width);
                codes.Clear();
                (next, width) = (End + 1, 9);
                continue;
            }

            codes.Add(key, next++);

            // The reader learns a code one step later than the writer, hence the strict comparison.
            if (next > 1 << width && width < 12)
            {
                width++;
            }
        }

        bits.Write(prefix, width);
        bits.Write(End, width);
        bits.Finish();
    }

    // Least significant bit first, in blocks of at most 255 bytes.
    private sealed class BitWriter(Stream output)
    {
        private readonly byte[] _block = new byte[256];
        private int _used;
        private uint _bits;
        private int _count;

        public void Write(int code, int width)
        {
            _bits |= (uint)code << _count;
            _count += width;
            while (_count >= 8)
            {
                Put();
            }
        }

        public void Finish()
        {
            if (_count > 0)
            {
                Put();
            }

            Flush();
            output.WriteByte(0);
        }

        private void Put()
        {
            _block[++_used] = (byte)_bits;
            _bits >>= 8;
            _count = Math.Max(0, _count - 8);
            if (_used == 255)
            {
                Flush();
            }
        }

        private void Flush()
        {
            if (_used > 0)
            {
                _block[0] = (byte)_used;
                output.Write(_block, 0, _used + 1);
                _used = 0;
            }
        }
    }
}
