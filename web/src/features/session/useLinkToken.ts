import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** What follows # in a mailed link; "" when nothing does. It is taken out of the address at once: not for the history, nor for who looks on. */
export function useLinkToken(): string {
	const { hash } = useLocation();
	const navigate = useNavigate();
	const [token, setToken] = useState(hash.slice(1));
	useEffect(() => {
		if (hash.length <= 1) return;
		setToken(hash.slice(1));
		void navigate({ hash: "" }, { replace: true });
	}, [hash, navigate]);
	return token;
}
